// A program in C that gives names of POSIX to functions of its own, as the C standard allows. See ../program_test.cpp.
#include <assert.h>
#include <pthread.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int sent;

int send(int amount) {
  pthread_mutex_lock(&lock);
  sent += amount;
  pthread_mutex_unlock(&lock);
  return sent;
}

int wait(pthread_t thread) {
  return pthread_join(thread, 0);
}

static void* send_twice(void* argument) {
  send(20);
  send(1);
  return argument;
}

int main(void) {
  pthread_t threads[2];
  for (int i = 0; i < 2; ++i) pthread_create(&threads[i], 0, send_twice, 0);
  for (int i = 0; i < 2; ++i) wait(threads[i]);
  assert(sent == 42);
  return 0;
}
