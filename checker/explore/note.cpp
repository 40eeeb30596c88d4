// The mark by which the `heddle` command knows an executable of ours without running it.
//
// How it works. An ELF note of the owner "heddle", beside the one of the build id. Its one word is the version of what
// the two say to each other: the HEDDLE_ variables and the channel. tests/cli has a test for a file without it.
#include "explore/note.hpp"

__asm__(
    ".pushsection .note.heddle,\"a\",@note\n"
    ".balign 4\n"
    ".long 7\n"  // the size of the owner's name, its end included
    ".long 4\n"  // the size of the word
    ".long 1\n"  // heddle::check::note_type
    ".asciz \"heddle\"\n"
    ".balign 4\n"
    ".long 1\n"  // heddle::check::protocol_version
    ".popsection\n");

namespace heddle::check {

static_assert(note_type == 1 && protocol_version == 1);

void keep_note() noexcept {}

}  // namespace heddle::check
