/* C code without exceptions and without unwind information, which glibc's pthread_exit runs in just as well. */
#define _GNU_SOURCE
#include "c_program.h"

#include <pthread.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

static int* digits;

static void append(void* digit) {
  *digits = *digits * 10 + (int)(long)digit;
}

static void __attribute__((noinline)) leave(void* result) {
  pthread_cleanup_push(append, (void*)1L);
  pthread_exit(result);
  pthread_cleanup_pop(0);
}

void* c_exits_below_handlers(void* argument) {
  digits = argument;
  pthread_cleanup_push(append, (void*)2L);
  leave(argument);
  pthread_cleanup_pop(0);
  return 0;
}

static void __attribute__((noinline)) wait_for_ever(void) {
  pthread_cleanup_push(append, (void*)3L);
  for (;;) sleep(1);
  pthread_cleanup_pop(0);
}

void* c_waits_for_cancellation(void* argument) {
  digits = argument;
  pthread_cleanup_push(append, (void*)4L);
  pthread_cleanup_push(append, (void*)9L);
  pthread_cleanup_pop(0);
  wait_for_ever();
  pthread_cleanup_pop(0);
  return 0;
}

/* Not static: clang would know that nobody writes to it, and leave the loads out. */
int c_computed;

void* c_computes_until_cancelled(void* argument) {
  digits = argument;
  pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, 0);
  pthread_cleanup_push(append, (void*)5L);
  while (__atomic_load_n(&c_computed, __ATOMIC_SEQ_CST) == 0) {
  }
  pthread_cleanup_pop(0);
  return 0;
}

/* ---------------------------------------------------------------- C11 */

static mtx_t mutex;
static cnd_t condition;
static tss_t key;
static once_flag once = ONCE_FLAG_INIT;
static int turn;
static int initialised;
static int destroyed;

static void initialise(void) {
  ++initialised;
}

static void destroy(void* value) {
  destroyed += *(int*)value;
}

static int player(void* argument) {
  call_once(&once, initialise);
  tss_set(key, argument);
  for (int i = 0; i < 3; ++i) {
    mtx_lock(&mutex);
    while (turn != 1) cnd_wait(&condition, &mutex);
    turn = 0;
    cnd_broadcast(&condition);
    mtx_unlock(&mutex);
    thrd_yield();
  }
  if (tss_get(key) != argument) return 1;
  thrd_exit(-7);
}

static int sleeper(void* argument) {
  (void)argument;
  const struct timespec second = {1, 0};
  return thrd_sleep(&second, 0);
}

int c11_program(void) {
  thrd_t other;
  int result = 0;
  int value = 5;
  struct timespec soon;
  turn = initialised = destroyed = 0;
  once = (once_flag)ONCE_FLAG_INIT;
  if (mtx_init(&mutex, mtx_timed | mtx_recursive) != thrd_success || cnd_init(&condition) != thrd_success) return 1;
  if (tss_create(&key, destroy) != thrd_success) return 2;
  if (thrd_create(&other, player, &value) != thrd_success) return 3;
  if (thrd_equal(other, thrd_current())) return 4;
  call_once(&once, initialise);
  for (int i = 0; i < 3; ++i) {
    mtx_lock(&mutex);
    turn = 1;
    cnd_signal(&condition);
    while (turn != 0) cnd_wait(&condition, &mutex);
    mtx_unlock(&mutex);
  }
  if (thrd_join(other, &result) != thrd_success || result != -7) return 5;
  if (initialised != 1) return 6;
  if (destroyed != 5) return 7;
  if (mtx_lock(&mutex) != thrd_success || mtx_trylock(&mutex) != thrd_success) return 8;
  timespec_get(&soon, TIME_UTC);
  ++soon.tv_sec;
  if (cnd_timedwait(&condition, &mutex, &soon) != thrd_timedout) return 9;
  if (mtx_unlock(&mutex) != thrd_success || mtx_unlock(&mutex) != thrd_success) return 10;
  if (mtx_unlock(&mutex) != thrd_error) return 11;
  if (thrd_create(&other, sleeper, 0) != thrd_success || thrd_detach(other) != thrd_success) return 12;
  tss_delete(key);
  mtx_destroy(&mutex);
  cnd_destroy(&condition);
  return 0;
}
