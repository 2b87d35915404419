// Locks of the C library, and what it builds on futexes.

#include "program.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static sem_t semaphore;
static volatile int told;

static void tell(int unused) {
    (void)unused;
    pthread_mutex_lock(&mutex);
    told = 1;
    pthread_cond_broadcast(&condition);
    pthread_mutex_unlock(&mutex);
}

static void post(int unused) {
    (void)unused;
    sem_post(&semaphore);
}

static const char *library_result(int error) { return error == 0 ? "0" : error_name(error); }

//   1.500 ETIMEDOUT
// each: realtime monotonic
CASE(condition_times_out) {
    clockid_t clock = strcmp(argument, "realtime") == 0 ? CLOCK_REALTIME : CLOCK_MONOTONIC;
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, clock);
    pthread_cond_init(&condition, &attributes);
    struct timespec end = moment(clock, 1.5);
    pthread_mutex_lock(&mutex);
    int error = 0;
    while (error == 0) error = pthread_cond_timedwait(&condition, &mutex, &end);
    say("%s", library_result(error));
}

//   1.000 0
CASE(condition_told) {
    thread_after(1, tell, 0);
    struct timespec end = moment(CLOCK_REALTIME, 3);
    pthread_mutex_lock(&mutex);
    int error = 0;
    while (error == 0 && !told) error = pthread_cond_timedwait(&condition, &mutex, &end);
    say("%s", library_result(error));
}

// A signal is handled, and the wait goes on.
//   3.000 ETIMEDOUT, handled 1
CASE(condition_signal) {
    handle(SIGUSR1, 0);
    thread_after(1, signal_process, SIGUSR1);
    struct timespec end = moment(CLOCK_REALTIME, 3);
    pthread_mutex_lock(&mutex);
    int error = 0;
    while (error == 0) error = pthread_cond_timedwait(&condition, &mutex, &end);
    say("%s, handled %d", library_result(error), handled);
}

static void hold_mutex(int seconds) {
    pthread_mutex_lock(&mutex);
    sleep_for(seconds);
    pthread_mutex_unlock(&mutex);
}

//   1.500 ETIMEDOUT
//   3.000 0
// each: realtime monotonic priority
CASE(mutex_timed) {
    if (strcmp(argument, "priority") == 0) {
        pthread_mutexattr_t attributes;
        pthread_mutexattr_init(&attributes);
        pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_INHERIT);
        pthread_mutex_init(&mutex, &attributes);
    }
    thread_after(0, hold_mutex, 3);
    sleep_for(0.5);
    clockid_t clock = strcmp(argument, "monotonic") == 0 ? CLOCK_MONOTONIC : CLOCK_REALTIME;
    for (int seconds = 1; seconds < 6; seconds += 4) {
        struct timespec end = moment(clock, seconds);
        say("%s", library_result(clock == CLOCK_REALTIME
                                     ? pthread_mutex_timedlock(&mutex, &end)
                                     : pthread_mutex_clocklock(&mutex, clock, &end)));
    }
}

//   1.000 ETIMEDOUT
//   2.000 0
CASE(semaphore_timed) {
    sem_init(&semaphore, 0, 0);
    thread_after(2, post, 0);
    for (int seconds = 1; seconds < 6; seconds += 4) {
        struct timespec end = moment(CLOCK_REALTIME, seconds);
        say("%s", result(sem_timedwait(&semaphore, &end)));
    }
}

//   1.000 EINTR
CASE(semaphore_signal) {
    sem_init(&semaphore, 0, 0);
    handle(SIGUSR1, 0);
    thread_after(1, signal_process, SIGUSR1);
    struct timespec end = moment(CLOCK_REALTIME, 3);
    say("%s", result(sem_timedwait(&semaphore, &end)));
}

// A semaphore that two processes share.
//   1.000 0
CASE(semaphore_shared) {
    sem_t *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    sem_init(shared, 1, 0);
    if (fork() == 0) {
        sleep_for(1);
        sem_post(shared);
        _exit(0);
    }
    say("%s", result(sem_wait(shared)));
}

static pthread_barrier_t barrier;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static void others(int unused) {
    tell(unused);
    sleep_for(1);
    post(unused);
    sleep_for(1);
    pthread_rwlock_wrlock(&rwlock);
    pthread_barrier_wait(&barrier);
    sleep_for(1);
    pthread_rwlock_unlock(&rwlock);
}

// Without a timeout, woken by a thread that sleeps.
//   1.000 condition
//   2.000 semaphore
//   3.000 barrier
//   3.500 lock for reading: ETIMEDOUT
//   4.000 lock for reading: 0
CASE(untimed) {
    sem_init(&semaphore, 0, 0);
    pthread_barrier_init(&barrier, NULL, 2);
    thread_after(1, others, 0);
    pthread_mutex_lock(&mutex);
    while (!told) pthread_cond_wait(&condition, &mutex);
    say("condition");
    sem_wait(&semaphore);
    say("semaphore");
    pthread_barrier_wait(&barrier);
    say("barrier");
    struct timespec end = moment(CLOCK_REALTIME, 0.5);
    say("lock for reading: %s", library_result(pthread_rwlock_timedrdlock(&rwlock, &end)));
    end = moment(CLOCK_REALTIME, 5);
    say("lock for reading: %s", library_result(pthread_rwlock_timedrdlock(&rwlock, &end)));
}

static void end_after(int milliseconds) { usleep(milliseconds * 1000); }

//   1.000 ETIMEDOUT
//   2.000 0
CASE(join_timed) {
    pthread_t thread = thread_after(0, end_after, 2000);
    for (int seconds = 1; seconds < 6; seconds += 4) {
        struct timespec end = moment(CLOCK_REALTIME, seconds);
        say("%s", library_result(pthread_timedjoin_np(thread, NULL, &end)));
    }
}

static double slept[40];
static void sleep_tenths(int index) {
    double start = now();
    sleep_for((index + 1) / 10.0);
    slept[index] = now() - start;
}

// Forty threads sleep for different times.
//   4.000 slept from 0.1 to 4.0, none late
CASE(forty_threads) {
    pthread_t threads[40];
    for (int index = 0; index < 40; index++) threads[index] = thread_after(0, sleep_tenths, index);
    int late = 0;
    for (int index = 0; index < 40; index++) {
        pthread_join(threads[index], NULL);
        late += fabs(slept[index] - (index + 1) / 10.0) > 0.05;
    }
    say(late ? "%.1f to %.1f, %d late" : "slept from %.1f to %.1f, none late", slept[0], slept[39], late);
}

static void sleep_second(int unused) {
    (void)unused;
    sleep_for(1);
}

// Forty threads wake at the same moment.
//   1.000 all awake
CASE(forty_at_once) {
    pthread_t threads[40];
    for (int index = 0; index < 40; index++) threads[index] = thread_after(0, sleep_second, 0);
    for (int index = 0; index < 40; index++) pthread_join(threads[index], NULL);
    say("all awake");
}

static int turns;
static void take_turns(int unused) {
    (void)unused;
    for (int index = 0; index < 30; index++) {
        sleep_for(0.1);
        pthread_mutex_lock(&mutex);
        turns++;
        pthread_mutex_unlock(&mutex);
    }
}

// Two threads that wake in turn at the same moments: each sees what the other wrote a moment earlier.
//   3.000 60 turns, 0 lost
CASE(turns_taken) {
    pthread_t first = thread_after(0, take_turns, 0), second = thread_after(0, take_turns, 0);
    pthread_join(first, NULL);
    pthread_join(second, NULL);
    say("%d turns, %d lost", turns, 60 - turns);
}

// A thread is cancelled in its sleep.
//   1.000 cancelled
CASE(cancelled) {
    pthread_t thread = thread_after(0, end_after, 10000);
    sleep_for(1);
    pthread_cancel(thread);
    void *how;
    pthread_join(thread, &how);
    say(how == PTHREAD_CANCELED ? "cancelled" : "not cancelled");
}

// All wait, and nobody is left to wake them.
//   0.000 once
// exit: 124
// error: it waits forever
CASE(locked_twice) {
    pthread_mutex_lock(&mutex);
    say("once");
    pthread_mutex_lock(&mutex);
    say("twice");
}

static pthread_mutex_t second = PTHREAD_MUTEX_INITIALIZER;
static void lock_both(int unused) {
    (void)unused;
    pthread_mutex_lock(&second);
    sleep_for(1);
    pthread_mutex_lock(&mutex);
}

//   1.000 both
// exit: 124
// error: it waits forever
CASE(locked_crosswise) {
    pthread_mutex_lock(&mutex);
    thread_after(0, lock_both, 0);
    sleep_for(1);
    say("both");
    pthread_mutex_lock(&second);
}

static void speak(int unused) {
    (void)unused;
    say("asleep no longer");
    tell(unused);
}

// A thread that waits with a timeout is a reason to go on.
//   2.000 asleep no longer
//   2.000 and once more
// exit: 124
// error: it waits forever
CASE(locked_after_a_while) {
    thread_after(2, speak, 0);
    pthread_mutex_lock(&mutex);
    while (!told) pthread_cond_wait(&condition, &mutex);
    say("and once more");
    pthread_cond_wait(&condition, &mutex);
}

static void set(int unused) {
    (void)unused;
    told = 1;
}

// A thread that spins on a flag waits, too, in its own way.
//   1.000 set
// options: --real-seconds 100
CASE(spun) {
    thread_after(1, set, 0);
    while (!told) sched_yield();
    say("set");
}
