/* What C code compiled without exceptions does with threads that end from within; see c_program.c. */
#ifndef HEDDLE_TESTS_C_PROGRAM_H
#define HEDDLE_TESTS_C_PROGRAM_H

#ifdef __cplusplus
extern "C" {
#endif

/* A thread start function: it calls pthread_exit below two clean-up handlers, in a function of its own. `argument` is
   an int that they append their digits to; the result is the argument. */
void* c_exits_below_handlers(void* argument);

/* A thread start function that waits to be cancelled, below two such handlers. */
void* c_waits_for_cancellation(void* argument);

/* The same, with nothing but computation, cancelled asynchronously. */
void* c_computes_until_cancelled(void* argument);

/* C11 threads: 0 when all went well, else the number of the check that did not. */
int c11_program(void);

#ifdef __cplusplus
}
#endif

#endif
