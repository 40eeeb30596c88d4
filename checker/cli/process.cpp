#include "cli/process.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace heddle::cli {

namespace {

constexpr std::size_t output_max = 64U << 10;
constexpr auto between_looks = std::chrono::milliseconds(100);
constexpr std::size_t descendants_max = 4096;

// Who ends a job may signal the process and then its group, as timeout(1) does: what follows at once is the same wish.
constexpr auto same_interrupt_within = std::chrono::seconds(1);

volatile std::sig_atomic_t interrupts = 0;
process::clock::time_point interrupted_at;  // its writer is the handler, and the handler is masked in itself

void on_interrupt(int signal) {
  const process::clock::time_point now = process::clock::now();
  if (interrupts == 0) {
    interrupted_at = now;
    interrupts = 1;
  } else if (now - interrupted_at > same_interrupt_within) {
    std::signal(signal, SIG_DFL);
    static_cast<void>(raise(signal));
  }
}

std::system_error last_error(const std::string& what) {
  return {errno, std::generic_category(), what};
}

// What exec takes, made before the fork: the child allocates nothing.
class argument_block {
 public:
  explicit argument_block(std::vector<std::string> texts) : texts_(std::move(texts)) {
    for (std::string& one : texts_) pointers_.push_back(one.data());
    pointers_.push_back(nullptr);
  }
  char* const* get() const noexcept { return pointers_.data(); }

 private:
  std::vector<std::string> texts_;
  std::vector<char*> pointers_;
};

std::vector<std::string> environment_of(const command_line& what, int channel) {
  std::vector<std::string> result;
  const auto has_name = [](std::string_view variable, std::string_view name) {
    return variable.size() > name.size() && variable.starts_with(name) && variable[name.size()] == '=';
  };
  for (char** one = environ; *one != nullptr; ++one) {
    const std::string_view text = *one;
    const auto named = [&](const std::string& name) { return has_name(text, name); };
    const auto set = [&](const auto& pair) { return has_name(text, pair.first); };
    const bool dropped = std::any_of(what.unset.begin(), what.unset.end(), named) ||
                         std::any_of(what.set.begin(), what.set.end(), set) || has_name(text, "HEDDLE_CHANNEL");
    if (!dropped) result.emplace_back(text);
  }
  for (const auto& [name, value] : what.set) result.push_back(fmt::format("{}={}", name, value));
  result.push_back(fmt::format("HEDDLE_CHANNEL=/proc/self/fd/{}", channel));
  return result;
}

// Standard input of the test binary: a file is handed on, as whole programs may read it; nothing else is.
int input_for_tests() {
  struct stat what{};
  if (fstat(STDIN_FILENO, &what) == 0 && S_ISREG(what.st_mode)) return STDIN_FILENO;
  return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

struct child_set_up {
  pid_t parent;
  int channel;
  int input;
  int output;  // -1: that of the parent
  int failure;
};

// Nothing but calls that are safe after a fork.
[[noreturn]] void become(const char* path, char* const* words, char* const* variables, const child_set_up& how) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != how.parent) _exit(127);
  // A test binary that takes all memory is what the system is to end, not who started it.
  const int score = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (score >= 0) {
    static_cast<void>(write(score, "1000", 4));
    close(score);
  }
  // A crash is reported; its core would be a file that nobody asked for.
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  fcntl(how.channel, F_SETFD, 0);
  dup2(how.input, STDIN_FILENO);
  if (how.output >= 0) {
    dup2(how.output, STDOUT_FILENO);
    dup2(how.output, STDERR_FILENO);
  }
  for (const int signal : {SIGINT, SIGTERM, SIGPIPE}) std::signal(signal, SIG_DFL);
  execve(path, words, variables);
  const int why = errno;
  static_cast<void>(write(how.failure, &why, sizeof why));
  _exit(127);
}

std::string first_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

std::uint64_t resident_bytes(pid_t process) {
  const std::string line = first_line(fmt::format("/proc/{}/statm", process));
  const std::size_t second = line.find(' ');
  if (second == std::string::npos) return 0;
  return std::strtoull(line.c_str() + second, nullptr, 10) * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace

process::process(const command_line& what, const process_bounds& bounds, output_use output)
    : bounds_(bounds), begun_(clock::now()), ended_(begun_), last_life_(begun_), next_look_(begun_) {
  const argument_block words(what.words);
  const argument_block variables(environment_of(what, channel_.descriptor()));
  std::array<int, 2> printed{-1, -1};
  std::array<int, 2> failure{-1, -1};
  if (pipe2(failure.data(), O_CLOEXEC) != 0) throw last_error("a pipe to a test binary");
  if (output == output_use::kept && pipe2(printed.data(), O_CLOEXEC) != 0) throw last_error("a pipe to a test binary");
  const int input = input_for_tests();
  const pid_t parent = getpid();
  id_ = fork();
  if (id_ < 0) throw last_error("a process for a test binary");
  if (id_ == 0) {
    become(what.words.front().c_str(), words.get(), variables.get(),
           {parent, channel_.descriptor(), input, printed[1], failure[1]});
  }
  setpgid(id_, id_);
  if (input != STDIN_FILENO) close(input);
  close(failure[1]);
  if (printed[1] >= 0) close(printed[1]);
  output_ = printed[0];
  if (output_ >= 0) fcntl(output_, F_SETFL, O_NONBLOCK);
  end_ = static_cast<int>(syscall(SYS_pidfd_open, id_, 0));
  int why = 0;
  const ssize_t told = read(failure[0], &why, sizeof why);
  close(failure[0]);
  if (told == sizeof why) {
    kill_group(ending::stopped);
    static_cast<void>(waitpid(id_, nullptr, 0));
    id_ = -1;
    throw std::system_error(why, std::generic_category(), what.words.front());
  }
}

process::~process() {
  if (how_ == ending::runs && id_ > 0) {
    kill(-id_, SIGKILL);
    waitpid(id_, nullptr, 0);
  }
  if (end_ >= 0) close(end_);
  if (output_ >= 0) close(output_);
}

void process::read_output() {
  if (output_ < 0) return;
  std::array<char, 16U << 10> buffer;
  while (true) {
    const ssize_t count = read(output_, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) {
      const bool ended = count == 0;
      if (ended) {
        close(output_);
        output_ = -1;
      }
      return;
    }
    kept_.append(buffer.data(), static_cast<std::size_t>(count));
    if (kept_.size() > 2 * output_max) kept_.erase(0, kept_.size() - output_max);
    // Who prints without end does not keep the others waiting.
    if (count < static_cast<ssize_t>(buffer.size())) return;
    if (clock::now() > next_look_) return;
  }
}

bool process::look(clock::time_point now) {
  if (how_ != ending::runs) return false;
  read_output();
  int status = 0;
  if (waitpid(id_, &status, WNOHANG) == id_) {
    read_output();
    // Descendants that are left would hold the pipe and the processor.
    kill(-id_, SIGKILL);
    ended_ = now;
    code_ = WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status);
    how_ = killed_ != ending::runs ? killed_ : WIFEXITED(status) ? ending::exited : ending::signalled;
    return false;
  }
  if (now < next_look_) return true;
  next_look_ = now + between_looks;
  if (shows_life()) last_life_ = now;
  if (bounds_.memory != 0 && memory() > bounds_.memory) kill_group(ending::out_of_memory);
  if (bounds_.time.count() != 0 && now - begun_ > bounds_.time) kill_group(ending::out_of_time);
  if (bounds_.silence.count() != 0 && now - last_life_ > bounds_.silence) kill_group(ending::silent);
  return true;
}

bool process::shows_life() {
  struct stat what{};
  const std::uint64_t schedules = channel_.page().schedules.load(std::memory_order_relaxed);
  const std::uint64_t said = fstat(channel_.descriptor(), &what) == 0 ? static_cast<std::uint64_t>(what.st_size) : 0;
  const bool life = schedules != schedules_ || said != said_;
  schedules_ = schedules;
  said_ = said;
  return life;
}

void process::kill_group(ending why) {
  if (killed_ == ending::runs) killed_ = why;
  kill(-id_, SIGKILL);
}

void process::stop() {
  if (how_ == ending::runs) kill_group(ending::stopped);
}

std::uint64_t process::memory() const {
  std::uint64_t bytes = 0;
  std::vector<pid_t> all{id_};
  for (std::size_t i = 0; i < all.size() && all.size() < descendants_max; ++i) {
    bytes += resident_bytes(all[i]);
    std::ifstream children(fmt::format("/proc/{}/task/{}/children", all[i], all[i]));
    for (pid_t child = 0; children >> child;) all.push_back(child);
  }
  return bytes;
}

std::string process::end_text() const {
  switch (how_) {
    case ending::runs:
      return "still runs";
    case ending::exited:
      return fmt::format("ended with exit status {}", code_);
    case ending::signalled:
      return fmt::format("ended by signal {} ({})", code_, strsignal(code_));
    case ending::out_of_time:
      return fmt::format("was killed: it took longer than {} s", bounds_.time.count() / 1000);
    case ending::silent:
      return fmt::format("was killed: no schedule began or ended for {} s", bounds_.silence.count() / 1000);
    case ending::out_of_memory:
      return fmt::format("was killed: it used more than {} MiB of memory", bounds_.memory >> 20);
    case ending::stopped:
      return "was stopped";
  }
  return {};
}

std::chrono::milliseconds process::duration() const noexcept {
  const clock::time_point end = how_ == ending::runs ? clock::now() : ended_;
  return std::chrono::duration_cast<std::chrono::milliseconds>(end - begun_);
}

void wait_for_any(const std::vector<process*>& all, std::chrono::milliseconds longest) {
  std::vector<pollfd> descriptors;
  for (const process* one : all) {
    if (one->end_descriptor() >= 0) descriptors.push_back({one->end_descriptor(), POLLIN, 0});
    if (one->output_descriptor() >= 0) descriptors.push_back({one->output_descriptor(), POLLIN, 0});
  }
  static_cast<void>(
      poll(descriptors.data(), descriptors.size(), static_cast<int>(std::min(longest, between_looks).count())));
}

void catch_interrupts() {
  struct sigaction how{};
  how.sa_handler = &on_interrupt;
  sigaddset(&how.sa_mask, SIGINT);
  sigaddset(&how.sa_mask, SIGTERM);
  sigaction(SIGINT, &how, nullptr);
  sigaction(SIGTERM, &how, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

bool is_interrupted() noexcept {
  return interrupts != 0;
}

std::uint64_t memory_for_each(unsigned jobs) {
  // A share of what the machine has; a container's limit is what the kernel enforces, on the test binary first.
  const auto pages = static_cast<std::uint64_t>(sysconf(_SC_PHYS_PAGES));
  const std::uint64_t all = pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  return std::max<std::uint64_t>(all / 4 * 3 / std::max(jobs, 1U), std::uint64_t{512} << 20);
}

}  // namespace heddle::cli
