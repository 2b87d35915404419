// Every call that waits with a timeout, and all that can happen to it. `each` names the calls.

#include "program.h"

static int event[2]; // A pipe, for the calls that wait for a descriptor.
static uint32_t *word; // For futexes: shared, so that a child can wake its parent.
static int queue;
static int untimed; // Whether the calls have no timeout.

static struct pollfd readable(void) { return (struct pollfd){event[0], POLLIN, 0}; }

static int milliseconds(double seconds) { return untimed ? -1 : lround(seconds * 1000); }

static long call_poll(double seconds) {
    struct pollfd one = readable();
    return syscall(SYS_poll, &one, 1, milliseconds(seconds));
}

static long call_ppoll(double seconds) {
    struct pollfd one = readable();
    struct timespec time = timespec(seconds);
    return syscall(SYS_ppoll, &one, 1, untimed ? NULL : &time, NULL, 8);
}

static long call_select(double seconds) {
    fd_set set;
    FD_ZERO(&set);
    FD_SET(event[0], &set);
    struct timespec exact = timespec(seconds);
    struct timeval time = {exact.tv_sec, exact.tv_nsec / 1000};
    return syscall(SYS_select, event[0] + 1, &set, NULL, NULL, untimed ? NULL : &time);
}

static long call_pselect6(double seconds) {
    fd_set set;
    FD_ZERO(&set);
    FD_SET(event[0], &set);
    struct timespec time = timespec(seconds);
    return syscall(SYS_pselect6, event[0] + 1, &set, NULL, NULL, untimed ? NULL : &time, NULL);
}

static long call_epoll_wait(double seconds) {
    struct epoll_event one;
    return syscall(SYS_epoll_wait, queue, &one, 1, milliseconds(seconds));
}

static long call_epoll_pwait(double seconds) {
    struct epoll_event one;
    return syscall(SYS_epoll_pwait, queue, &one, 1, milliseconds(seconds), NULL, 8);
}

static long call_epoll_pwait2(double seconds) {
    struct epoll_event one;
    struct timespec time = timespec(seconds);
    return syscall(441, queue, &one, 1, untimed ? NULL : &time, NULL, 8);
}

static long call_nanosleep(double seconds) {
    struct timespec time = timespec(seconds);
    return syscall(SYS_nanosleep, &time, NULL);
}

static long call_clock_nanosleep(double seconds) {
    struct timespec time = timespec(seconds);
    return syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &time, NULL);
}

static long call_sleep_realtime(double seconds) {
    struct timespec time = timespec(seconds);
    return syscall(SYS_clock_nanosleep, CLOCK_REALTIME, 0, &time, NULL);
}

static long call_sleep_until(double seconds) {
    struct timespec time = moment(CLOCK_MONOTONIC, seconds);
    return syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL);
}

static long call_sleep_until_boottime(double seconds) {
    struct timespec time = moment(CLOCK_BOOTTIME, seconds);
    return syscall(SYS_clock_nanosleep, CLOCK_BOOTTIME, TIMER_ABSTIME, &time, NULL);
}

static long call_sleep_until_realtime(double seconds) {
    struct timespec time = moment(CLOCK_REALTIME, seconds);
    return syscall(SYS_clock_nanosleep, CLOCK_REALTIME, TIMER_ABSTIME, &time, NULL);
}

static long call_futex(double seconds) {
    struct timespec time = timespec(seconds);
    return syscall(SYS_futex, word, FUTEX_WAIT, 0, untimed ? NULL : &time, NULL, 0);
}

static long call_futex_bitset(double seconds) {
    struct timespec time = moment(CLOCK_MONOTONIC, seconds);
    return syscall(SYS_futex, word, FUTEX_WAIT_BITSET, 0, untimed ? NULL : &time, NULL, FUTEX_BITSET_MATCH_ANY);
}

static long call_futex_realtime(double seconds) {
    struct timespec time = moment(CLOCK_REALTIME, seconds);
    return syscall(SYS_futex, word, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 0, untimed ? NULL : &time, NULL,
                   FUTEX_BITSET_MATCH_ANY);
}

static long waitv(clockid_t clock, double seconds) {
    struct {
        uint64_t value, address;
        uint32_t flags, reserved;
    } one = {0, (uintptr_t)word, 2, 0};
    struct timespec time = moment(clock, seconds);
    return syscall(449, &one, 1, 0, untimed ? NULL : &time, clock);
}

static long call_futex_waitv(double seconds) { return waitv(CLOCK_MONOTONIC, seconds); }
static long call_futex_waitv_realtime(double seconds) { return waitv(CLOCK_REALTIME, seconds); }

static long call_lock_pi(double seconds) {
    struct timespec time = moment(CLOCK_REALTIME, seconds);
    return syscall(SYS_futex, word + 1, FUTEX_LOCK_PI, 0, untimed ? NULL : &time, NULL, 0);
}

static long call_lock_pi2(double seconds) {
    struct timespec time = moment(CLOCK_MONOTONIC, seconds);
    return syscall(SYS_futex, word + 1, 13, 0, untimed ? NULL : &time, NULL, 0);
}

static long call_sigtimedwait(double seconds) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    struct timespec time = timespec(seconds);
    return syscall(SYS_rt_sigtimedwait, &set, NULL, untimed ? NULL : &time, 8);
}

enum kind { POLL, SLEEP, LOCK, SIGNAL };

static struct {
    const char *name;
    long (*call)(double);
    enum kind kind;
} calls[] = {
    {"poll", call_poll, POLL},
    {"ppoll", call_ppoll, POLL},
    {"select", call_select, POLL},
    {"pselect6", call_pselect6, POLL},
    {"epoll_wait", call_epoll_wait, POLL},
    {"epoll_pwait", call_epoll_pwait, POLL},
    {"epoll_pwait2", call_epoll_pwait2, POLL},
    {"nanosleep", call_nanosleep, SLEEP},
    {"clock_nanosleep", call_clock_nanosleep, SLEEP},
    {"sleep_realtime", call_sleep_realtime, SLEEP},
    {"sleep_until", call_sleep_until, SLEEP},
    {"sleep_until_boottime", call_sleep_until_boottime, SLEEP},
    {"sleep_until_realtime", call_sleep_until_realtime, SLEEP},
    {"futex", call_futex, LOCK},
    {"futex_bitset", call_futex_bitset, LOCK},
    {"futex_realtime", call_futex_realtime, LOCK},
    {"futex_waitv", call_futex_waitv, LOCK},
    {"futex_waitv_realtime", call_futex_waitv_realtime, LOCK},
    {"lock_pi", call_lock_pi, LOCK},
    {"lock_pi2", call_lock_pi2, LOCK},
    {"sigtimedwait", call_sigtimedwait, SIGNAL},
};

// Ends whatever call waits.
static void wake(int unused) {
    (void)unused;
    if (write(event[1], "x", 1) != 1) abort();
    *word = 1;
    syscall(SYS_futex, word, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

static void wake_parent(int unused) {
    wake(unused);
    kill(getppid(), SIGUSR2);
}

static void *hold(void *seconds) {
    word[1] = gettid();
    sleep_for(*(double *)seconds);
    syscall(SYS_futex, word + 1, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0);
    wake(0);
    kill(getpid(), SIGUSR2);
    return NULL;
}

// A thread that holds the lock for this many seconds, and then ends all waits.
static void wake_after(double seconds) {
    static double kept;
    kept = seconds;
    pthread_t thread;
    pthread_create(&thread, NULL, hold, &kept);
    while (*(volatile uint32_t *)&word[1] == 0) sched_yield();
}

static void prepare(void) {
    word = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (pipe(event) != 0) abort();
    queue = epoll_create1(0);
    struct epoll_event interest = {.events = EPOLLIN};
    epoll_ctl(queue, EPOLL_CTL_ADD, event[0], &interest);
    block(SIGUSR2);
}

static void wait_for(double seconds) {
    if (strncmp(argument, "lock_pi", 7) == 0 && word[1] == 0) wake_after(1000);
    for (size_t index = 0; index < sizeof calls / sizeof *calls; index++) {
        if (strcmp(calls[index].name, argument) != 0) continue;
        double start = now();
        long returned = calls[index].call(seconds);
        int error = errno;
        enum kind kind = calls[index].kind;
        const char *how = returned >= 0 ? "woken" : error_name(error);
        if (returned == 0 && (kind == POLL || kind == SLEEP)) how = "timed out";
        if (returned == -1 && error == ETIMEDOUT && kind == LOCK) how = "timed out";
        if (returned == -1 && error == EAGAIN && kind == SIGNAL) how = "timed out";
        say("%s after %.1f", how, now() - start);
        return;
    }
    abort();
}

//   1.500 timed out after 1.5
// each: poll ppoll select pselect6 epoll_wait epoll_pwait epoll_pwait2
// each: nanosleep clock_nanosleep sleep_realtime
// each: sleep_until sleep_until_boottime sleep_until_realtime
// each: futex futex_bitset futex_realtime futex_waitv futex_waitv_realtime lock_pi lock_pi2
// each: sigtimedwait
CASE(times_out) {
    prepare();
    wait_for(1.5);
}

//   0.000 timed out after 0.0
//   0.000 timed out after 0.0
//   1.000 timed out after 1.0
// each: poll ppoll select pselect6 epoll_wait epoll_pwait epoll_pwait2
// each: nanosleep clock_nanosleep sleep_realtime
// each: sleep_until sleep_until_boottime sleep_until_realtime
// each: futex futex_bitset futex_realtime futex_waitv futex_waitv_realtime lock_pi lock_pi2
// each: sigtimedwait
CASE(no_time) {
    prepare();
    wait_for(0);
    wait_for(0);
    wait_for(1);
}

// A moment that has passed.
//   2.000 timed out after 0.0
// each: sleep_until sleep_until_boottime sleep_until_realtime
// each: futex_bitset futex_realtime futex_waitv futex_waitv_realtime lock_pi lock_pi2
CASE(past) {
    prepare();
    sleep_for(2);
    wait_for(-1);
}

//   1.000 woken after 1.0
// each: poll ppoll select pselect6 epoll_wait epoll_pwait epoll_pwait2
// each: futex futex_bitset futex_realtime futex_waitv futex_waitv_realtime lock_pi lock_pi2
// each: sigtimedwait
CASE(woken_by_thread) {
    prepare();
    wake_after(1);
    wait_for(3);
}

//   1.000 woken after 1.0
// each: poll ppoll select pselect6 epoll_wait epoll_pwait epoll_pwait2
// each: futex futex_bitset futex_realtime futex_waitv futex_waitv_realtime
// each: sigtimedwait
CASE(woken_by_child) {
    prepare();
    child_after(1, wake_parent, 0);
    wait_for(3);
}

// More time than any clock has.
//   1.000 woken after 1.0
// each: poll ppoll select pselect6 epoll_wait epoll_pwait epoll_pwait2
// each: futex futex_bitset futex_realtime futex_waitv futex_waitv_realtime lock_pi lock_pi2
// each: sigtimedwait
CASE(woken_from_huge) {
    prepare();
    wake_after(1);
    wait_for(2147483);
}

//   1.000 EINTR after 1.0
// each: poll ppoll select pselect6 epoll_wait epoll_pwait epoll_pwait2
// each: nanosleep clock_nanosleep sleep_realtime
// each: sleep_until sleep_until_boottime sleep_until_realtime
// each: futex futex_bitset futex_realtime futex_waitv futex_waitv_realtime
// each: sigtimedwait
CASE(handled_signal) {
    prepare();
    handle(SIGUSR1, 0);
    child_after(1, signal_parent, SIGUSR1);
    wait_for(3);
}

//   1.000 EINTR after 1.0
// each: poll ppoll select pselect6 epoll_wait epoll_pwait epoll_pwait2
// each: nanosleep clock_nanosleep sleep_realtime
// each: sleep_until sleep_until_boottime sleep_until_realtime
// each: futex futex_bitset futex_realtime
// each: sigtimedwait
CASE(handled_with_restart) {
    prepare();
    handle(SIGUSR1, SA_RESTART);
    thread_after(1, signal_process, SIGUSR1);
    wait_for(3);
}

// Those that go on after the handler keep their deadline.
//   3.000 timed out after 3.0
//   3.000 handled 2
// each: futex_waitv futex_waitv_realtime lock_pi lock_pi2
CASE(restarts) {
    prepare();
    handle(SIGUSR1, SA_RESTART);
    thread_after(1, signal_process, SIGUSR1);
    thread_after(1.7, signal_process, SIGUSR1);
    wait_for(3);
    say("handled %d", handled);
}

// A signal that is ignored is not noticed.
//   2.000 timed out after 2.0
// each: poll ppoll select pselect6 epoll_wait epoll_pwait epoll_pwait2
// each: nanosleep clock_nanosleep sleep_realtime
// each: sleep_until sleep_until_boottime sleep_until_realtime
// each: futex futex_bitset futex_realtime futex_waitv futex_waitv_realtime lock_pi lock_pi2
// each: sigtimedwait
// within: 0.15
CASE(ignored_signal) {
    prepare();
    signal(SIGUSR1, SIG_IGN);
    child_after(1, signal_parent, SIGUSR1);
    wait_for(2);
}

// Nor is a child that ends, nor a new size of the window.
//   2.000 timed out after 2.0
// each: poll ppoll select pselect6 epoll_wait epoll_pwait epoll_pwait2
// each: nanosleep clock_nanosleep sleep_realtime
// each: sleep_until sleep_until_boottime sleep_until_realtime
// each: futex futex_bitset futex_realtime futex_waitv futex_waitv_realtime lock_pi lock_pi2
// each: sigtimedwait
// within: 0.15
CASE(ignored_by_default) {
    prepare();
    child_after(1, nothing, 0);
    child_after(1.5, signal_parent, SIGWINCH);
    wait_for(2);
}

// Nor is a blocked one, until it is unblocked.
//   2.000 timed out after 2.0
//   2.000 handled 0
//   2.000 handled 1
// each: poll ppoll select pselect6 epoll_wait epoll_pwait epoll_pwait2
// each: nanosleep clock_nanosleep sleep_until futex futex_bitset futex_waitv lock_pi
CASE(blocked_signal) {
    prepare();
    handle(SIGUSR1, 0);
    block(SIGUSR1);
    child_after(1, signal_parent, SIGUSR1);
    wait_for(2);
    say("handled %d", handled);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    say("handled %d", handled);
}

static void stop_parent(int seconds) {
    kill(getppid(), SIGSTOP);
    sleep_for(seconds);
    kill(getppid(), SIGCONT);
}

// Stopped and continued, it waits on until its old deadline.
//   3.000 timed out after 3.0
// each: poll
// each: nanosleep clock_nanosleep sleep_realtime
// each: sleep_until sleep_until_boottime sleep_until_realtime
// each: futex futex_bitset futex_realtime futex_waitv futex_waitv_realtime lock_pi lock_pi2
CASE(stopped) {
    prepare();
    child_after(1, stop_parent, 1);
    wait_for(3);
}

// As it is in Linux.
//   2.000 EINTR after 2.0
// each: epoll_wait epoll_pwait epoll_pwait2 sigtimedwait
CASE(stopped_and_interrupted) {
    prepare();
    child_after(1, stop_parent, 1);
    wait_for(3);
}

// These write down the time that is left when they are interrupted, and wait for that again: the
// time in which they were stopped does not count.
//   4.000 timed out after 4.0
// each: ppoll select pselect6
CASE(stopped_clock) {
    prepare();
    child_after(1, stop_parent, 1);
    wait_for(3);
}

// A deadline that passes meanwhile is seen when it is continued.
//   3.000 timed out after 3.0
// each: poll
// each: nanosleep clock_nanosleep sleep_realtime
// each: sleep_until sleep_until_boottime sleep_until_realtime
// each: futex futex_bitset futex_realtime futex_waitv futex_waitv_realtime lock_pi lock_pi2
CASE(stopped_too_long) {
    prepare();
    child_after(1, stop_parent, 2);
    wait_for(2);
}

// The same without a timeout: what is ignored is not noticed.
//   2.000 woken after 2.0
// each: poll ppoll select pselect6 epoll_wait epoll_pwait epoll_pwait2
// each: futex futex_bitset futex_waitv lock_pi lock_pi2
// each: sigtimedwait
// within: 0.15
CASE(untimed_ignored) {
    prepare();
    untimed = 1;
    signal(SIGUSR1, SIG_IGN);
    child_after(0.5, signal_parent, SIGUSR1);
    child_after(1, nothing, 0);
    child_after(1.5, signal_parent, SIGWINCH);
    wake_after(2);
    wait_for(0);
}

//   1.000 EINTR after 1.0
// each: poll ppoll select pselect6 epoll_wait epoll_pwait epoll_pwait2
// each: futex futex_bitset futex_waitv
// each: sigtimedwait
CASE(untimed_handled) {
    prepare();
    untimed = 1;
    handle(SIGUSR1, 0);
    child_after(1, signal_parent, SIGUSR1);
    wait_for(0);
}

//   0.000 asleep
// exit: 124
// error: it waits forever
// each: poll ppoll select pselect6 epoll_wait epoll_pwait epoll_pwait2
// each: futex futex_bitset futex_waitv
// each: sigtimedwait
CASE(untimed_for_ever) {
    prepare();
    untimed = 1;
    say("asleep");
    wait_for(0);
}

// Something else can be ready, too, before the time is over.
//   1.000 timed out after 1.0
//   1.000 woken after 0.0
// each: poll ppoll select pselect6 epoll_wait epoll_pwait epoll_pwait2
CASE(ready_at_once) {
    prepare();
    wait_for(1);
    wake(0);
    wait_for(1);
}

// A longer time than the limit.
//   0.000 asleep
// options: --limit 5
// exit: 124
// error: stopped after 5 s
// each: poll ppoll select pselect6 epoll_wait epoll_pwait epoll_pwait2
// each: nanosleep clock_nanosleep sleep_realtime
// each: sleep_until sleep_until_boottime sleep_until_realtime
// each: futex futex_bitset futex_realtime futex_waitv futex_waitv_realtime
// each: sigtimedwait
CASE(beyond_the_limit) {
    prepare();
    say("asleep");
    wait_for(2147483);
}
