/* The wall clock of a process, set: loaded before libc (LD_PRELOAD), it adds the nanoseconds in the
   file that FER_ROS_TEST_CLOCK names to CLOCK_REALTIME, and waits until a wall time by that clock,
   as the kernel does when the clock is set under a process. Steady clocks stay. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>

#define SECOND 1000000000LL
/* How soon who waits sees that the clock was set. */
#define SLICE (SECOND / 20)
/* Earlier times count from the start of the machine, by a steady clock: Python's conditions do. */
#define FIRST_WALL_TIME (1000000000LL * SECOND)

static volatile int64_t *shift;
static int (*real_gettime)(clockid_t, struct timespec *);
static int (*real_cond_timedwait)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);
static int (*real_sem_timedwait)(sem_t *, const struct timespec *);

__attribute__((constructor)) static void prepare(void) {
  if (real_gettime) return;
  /* Without its version, dlsym may find the one of 2.2.5, which knows another pthread_cond_t. */
  void *wait = dlvsym(RTLD_NEXT, "pthread_cond_timedwait", "GLIBC_2.3.2");
  real_cond_timedwait = wait ? wait : dlsym(RTLD_NEXT, "pthread_cond_timedwait");
  real_sem_timedwait = dlsym(RTLD_NEXT, "sem_timedwait");
  const char *path = getenv("FER_ROS_TEST_CLOCK");
  int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
  if (file >= 0) {
    void *page = mmap(NULL, sizeof *shift, PROT_READ, MAP_SHARED, file, 0);
    if (page != MAP_FAILED) shift = page;
  }
  real_gettime = dlsym(RTLD_NEXT, "clock_gettime");
}

static int64_t count(const struct timespec *time) {
  return (int64_t)time->tv_sec * SECOND + time->tv_nsec;
}

static struct timespec timespec_of(int64_t nanoseconds) {
  struct timespec time = {nanoseconds / SECOND, nanoseconds % SECOND};
  return time;
}

/* The true time until which to wait next; *last tells whether that is all. */
static struct timespec next_slice(const struct timespec *until, int *last) {
  struct timespec now;
  prepare();
  real_gettime(CLOCK_REALTIME, &now);
  int64_t end = count(until) - (shift ? *shift : 0), slice = count(&now) + SLICE;
  *last = end <= slice;
  return timespec_of(*last ? end : slice);
}

int clock_gettime(clockid_t clock, struct timespec *time) {
  prepare();
  int result = real_gettime(clock, time);
  if (result == 0 && shift && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
    *time = timespec_of(count(time) + *shift);
  return result;
}

int gettimeofday(struct timeval *value, void *zone) {
  struct timespec time;
  (void)zone;
  int result = clock_gettime(CLOCK_REALTIME, &time);
  value->tv_sec = time.tv_sec;
  value->tv_usec = time.tv_nsec / 1000;
  return result;
}

time_t time(time_t *value) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (value) *value = now.tv_sec;
  return now.tv_sec;
}

int pthread_cond_timedwait(
    pthread_cond_t *condition, pthread_mutex_t *mutex, const struct timespec *until) {
  int last;
  prepare();
  if (count(until) < FIRST_WALL_TIME) return real_cond_timedwait(condition, mutex, until);
  struct timespec slice = next_slice(until, &last);
  int result = real_cond_timedwait(condition, mutex, &slice);
  /* A wake-up without a reason is allowed: who waits looks again. */
  return result == ETIMEDOUT && !last ? 0 : result;
}

int sem_timedwait(sem_t *semaphore, const struct timespec *until) {
  int last, result;
  do {
    struct timespec slice = next_slice(until, &last);
    result = real_sem_timedwait(semaphore, &slice);
  } while (result != 0 && errno == ETIMEDOUT && !last);
  return result;
}
