// `heddle completion`: what the shells are told is what the command takes.
#include "command_test.hpp"

namespace heddle::cli {
namespace {

using testing::HasSubstr;

class completion : public command_test {
 protected:
  // What bash offers behind the words, the last of which is being typed.
  std::string offered(const std::string& words, int count) const {
    return check::run("cd " + folder_.string() + " && bash -c 'source <(" + HEDDLE_COMMAND +
                      " completion bash); COMP_WORDS=(" + words + "); COMP_CWORD=" + std::to_string(count) +
                      "; _heddle; echo \"${COMPREPLY[*]}\"'")
        .output;
  }
};

TEST_F(completion, OffersCommandsThenTheirOptionsThenFiles) {
  std::ofstream(folder_ / "my_tests") << "x";
  EXPECT_EQ(offered("heddle re", 1), "replay report\n");
  EXPECT_EQ(offered("heddle replay --g", 2), "--gdb\n");
  EXPECT_THAT(offered("heddle fuzz --", 2), HasSubstr("--corpus"));
  EXPECT_EQ(offered("heddle test -- my", 3), "my_tests\n");
}

TEST_F(completion, OfFishAndZshAreThereAndOthersAreAnError) {
  EXPECT_THAT(heddle("completion fish").output, HasSubstr("__fish_seen_subcommand_from replay' -l gdb"));
  EXPECT_THAT(heddle("completion zsh").output, HasSubstr("bashcompinit"));
  EXPECT_EQ(heddle("completion tcsh").exit_status, 2);
}

}  // namespace
}  // namespace heddle::cli
