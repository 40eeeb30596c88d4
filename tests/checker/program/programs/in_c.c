// Programs in C that know nothing of heddle, one for each name that the first argument may have. See ../program_test.cpp.
#include <assert.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static atomic_int counter;
static int runs;
static int* volatile anything_at_null;
static pthread_mutex_t first = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t second = PTHREAD_MUTEX_INITIALIZER;

typedef void* thread_function(void* argument);

static void join_two(thread_function* one, thread_function* other) {
  pthread_t threads[2];
  pthread_create(&threads[0], NULL, one, NULL);
  pthread_create(&threads[1], NULL, other, NULL);
  pthread_join(threads[0], NULL);
  pthread_join(threads[1], NULL);
}

static void leave(thread_function* thread) {
  pthread_t started;
  pthread_create(&started, NULL, thread, NULL);
}

static void* add_in_two_steps(void* argument) {
  const int seen = atomic_load(&counter);
  atomic_store(&counter, seen + 1);
  return argument;
}

static void* add_in_one_step(void* argument) {
  atomic_fetch_add(&counter, 1);
  return argument;
}

static int lost_update(void) {
  assert(++runs == 1);
  join_two(add_in_two_steps, add_in_two_steps);
  printf("counted %d\n", counter);
  assert(counter == 2);
  return 0;
}

static int plain_counter;
static void* add_to_plain(void* argument) {
  plain_counter = plain_counter + 1;
  return argument;
}

static int plain_lost_update(void) {
  join_two(add_to_plain, add_to_plain);
  assert(plain_counter == 2);
  return 0;
}

static int no_lost_update(void) {
  assert(++runs == 1);
  join_two(add_in_one_step, add_in_one_step);
  printf("counted %d\n", counter);
  assert(counter == 2);
  return 0;
}

static void* exit_with_3(void* argument) {
  exit(3);
  return argument;
}

static void* wait_for_ever(void* argument) {
  pthread_mutex_lock(&first);
  pthread_mutex_lock(&first);
  return argument;
}

static int exit_in_a_thread(void) {
  join_two(exit_with_3, wait_for_ever);
  assert(0 && "never reached");
  return 0;
}

static int aborts(void) {
  abort();
}

static int null_pointer(void) {
  *anything_at_null = 1;
  return 0;
}

static void* lock_first_then_second(void* argument) {
  pthread_mutex_lock(&first);
  pthread_mutex_lock(&second);
  pthread_mutex_unlock(&second);
  pthread_mutex_unlock(&first);
  return argument;
}

static void* lock_second_then_first(void* argument) {
  pthread_mutex_lock(&second);
  pthread_mutex_lock(&first);
  pthread_mutex_unlock(&first);
  pthread_mutex_unlock(&second);
  return argument;
}

static int deadlock(void) {
  join_two(lock_first_then_second, lock_second_then_first);
  return 0;
}

static void* sleep_then_fail(void* argument) {
  sleep(3600);
  assert(0 && "the thread that main left behind");
  return argument;
}

static int fails_after_main(void) {
  leave(sleep_then_fail);
  return 0;
}

static void* spin(void* argument) {
  for (;;) atomic_fetch_add(&counter, 1);
  return argument;
}

static void* sleep_again_and_again(void* argument) {
  for (;;) sleep(1);
  return argument;
}

static int daemons(void) {
  leave(spin);
  leave(sleep_again_and_again);
  leave(wait_for_ever);
  return 0;
}

static int main_ends_before_its_threads(void) {
  leave(sleep_then_fail);
  pthread_exit(NULL);
}

static int main_ends_and_a_thread_waits_for_ever(void) {
  leave(wait_for_ever);
  pthread_exit(NULL);
}

static void* do_nothing(void* argument) {
  return argument;
}

static void say_last(void) {
  puts("said by the handler");
}

static int main_ends_and_so_do_its_threads(void) {
  atexit(say_last);
  leave(do_nothing);
  pthread_exit(NULL);
}

static int reads_input(const char* expected) {
  int sum = 0;
  for (int number = 0; scanf("%d", &number) == 1;) sum += number;
  join_two(do_nothing, do_nothing);
  assert(sum == atoi(expected));
  return 0;
}

static void say_first(void) {
  puts("handler of exit, registered first");
}
static void say_second(void) {
  puts("handler of exit, registered second");
  fflush(stdout);
  assert(0 && "shown with its output");
}

static int handlers(void (*end)(int)) {
  atexit(say_first);
  at_quick_exit(say_first);
  atexit(say_second);
  at_quick_exit(say_second);
  puts("main");
  end(0);
  return 0;
}

static int exits_without_the_library(void) {
  syscall(SYS_exit_group, 5);
  return 0;
}

static int killed(void) {
  kill(getpid(), SIGKILL);
  return 0;
}

// As the system's killer of processes does it: past everything that the machine knows.
static int killed_from_outside(void) {
  char number[16] = {0};
  if (readlink("/proc/self", number, sizeof number - 1) > 0) syscall(SYS_kill, atoi(number), SIGKILL);
  return 0;
}

static volatile sig_atomic_t signals;
static void count_signal(int signal) {
  (void)signal;
  ++signals;
}

static int handles_a_signal(void) {
  signal(SIGUSR1, count_signal);
  raise(SIGUSR1);
  join_two(add_in_one_step, add_in_one_step);
  raise(SIGUSR1);
  assert(signals == 2);
  return 0;
}

static void leave_by_signal(int signal) {
  (void)signal;
  _exit(0);
}

static int handles_its_crash(void) {
  signal(SIGSEGV, leave_by_signal);
  *anything_at_null = 2;
  return 0;
}

static int blocks_in_the_system(void) {
  int ends[2];
  char byte = 0;
  if (pipe(ends) != 0) return 1;
  return (int)read(ends[0], &byte, 1);
}

static int forks(void) {
  leave(sleep_again_and_again);
  const pid_t child = fork();
  if (child == 0) {
    // Alone, and on a machine that still works.
    join_two(add_in_one_step, add_in_one_step);
    exit(counter == 2 ? 7 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  assert(WIFEXITED(status) && WEXITSTATUS(status) == 7);

  const pid_t other = vfork();
  if (other == 0) {
    execl("/bin/sh", "sh", "-c", "exit 9", (char*)NULL);
    _exit(1);
  }
  waitpid(other, &status, 0);
  assert(WIFEXITED(status) && WEXITSTATUS(status) == 9);

  const pid_t failing = fork();
  if (failing == 0) assert(0 && "in the new process");
  waitpid(failing, &status, 0);
  assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
  return 0;
}

// The numbers below run in the first of several schedules; in memory of its own, each begins with what it was linked with.
static int starts_afresh(void) {
  static int calls;
  static char* text;
  assert(++runs == 1 && ++calls == 1 && text == NULL);
  text = strdup("from this schedule");
  setenv("FROM_A_SCHEDULE", text, 1);
  join_two(add_in_one_step, add_in_one_step);
  return 0;
}

static int depends_on_the_process(void) {
  // What no machine simulates: the two processes of an audited schedule differ in it.
  if (__builtin_ia32_rdtsc() / 64 % 2 == 0) join_two(add_in_one_step, add_in_one_step);
  return 0;
}

static char* volatile kept;

__attribute__((noinline)) static void lose_a_copy_of(const char* text) {
  volatile char* const copy = strdup(text);
  copy[0] = '-';
}

static int leaks(void) {
  kept = strdup("what is still known at the end is not leaked");
  lose_a_copy_of("what nobody knows any more is");
  return 0;
}

int main(int argc, char** argv) {
  const char* const name = argc > 1 ? argv[1] : "";
  if (strcmp(name, "lost_update") == 0) return lost_update();
  if (strcmp(name, "plain_lost_update") == 0) return plain_lost_update();
  if (strcmp(name, "no_lost_update") == 0) return no_lost_update();
  if (strcmp(name, "exit_in_a_thread") == 0) return exit_in_a_thread();
  if (strcmp(name, "aborts") == 0) return aborts();
  if (strcmp(name, "null_pointer") == 0) return null_pointer();
  if (strcmp(name, "deadlock") == 0) return deadlock();
  if (strcmp(name, "fails_after_main") == 0) return fails_after_main();
  if (strcmp(name, "daemons") == 0) return daemons();
  if (strcmp(name, "main_ends_before_its_threads") == 0) return main_ends_before_its_threads();
  if (strcmp(name, "main_ends_and_a_thread_waits_for_ever") == 0) return main_ends_and_a_thread_waits_for_ever();
  if (strcmp(name, "main_ends_and_so_do_its_threads") == 0) return main_ends_and_so_do_its_threads();
  if (strcmp(name, "reads_input") == 0) return reads_input(argv[2]);
  if (strcmp(name, "exit") == 0) return handlers(exit);
  if (strcmp(name, "quick_exit") == 0) return handlers(quick_exit);
  if (strcmp(name, "_exit") == 0) return handlers(_exit);
  if (strcmp(name, "_Exit") == 0) return handlers(_Exit);
  if (strcmp(name, "exits_without_the_library") == 0) return exits_without_the_library();
  if (strcmp(name, "killed") == 0) return killed();
  if (strcmp(name, "killed_from_outside") == 0) return killed_from_outside();
  if (strcmp(name, "handles_a_signal") == 0) return handles_a_signal();
  if (strcmp(name, "handles_its_crash") == 0) return handles_its_crash();
  if (strcmp(name, "blocks_in_the_system") == 0) return blocks_in_the_system();
  if (strcmp(name, "forks") == 0) return forks();
  if (strcmp(name, "starts_afresh") == 0) return starts_afresh();
  if (strcmp(name, "depends_on_the_process") == 0) return depends_on_the_process();
  if (strcmp(name, "leaks") == 0) return leaks();
  if (strcmp(name, "returns") == 0) return atoi(argv[2]);
  fprintf(stderr, "unknown program: %s\n", name);
  return 99;
}
