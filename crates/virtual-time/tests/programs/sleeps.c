// Sleeps: the time that is left, arguments that are refused, and the library's own.

#include "program.h"
#include <setjmp.h>
#include <threads.h>

static double seconds_of(struct timespec time) { return time.tv_sec + time.tv_nsec / 1e9; }

// Lines at every wake, and nothing adds up.
//   0.000 0.0
//   0.300 0.3
//   0.600 0.6
//   0.900 0.9
//   1.200 1.2
CASE(lines) {
    double start = now();
    for (int index = 0; index < 5; index++) {
        say("%.1f", now() - start);
        usleep(300000);
    }
}

//   1.000 sleep: 0 left
//   1.250 usleep: 0
//   1.750 nanosleep: 0
//   2.750 thrd_sleep: 0
//   3.750 select: 0
//   4.750 poll: 0
CASE(library) {
    say("sleep: %u left", sleep(1));
    say("usleep: %d", usleep(250000));
    struct timespec half = timespec(0.5), whole = timespec(1);
    say("nanosleep: %d", nanosleep(&half, NULL));
    say("thrd_sleep: %d", thrd_sleep(&whole, NULL));
    struct timeval second = {1, 0};
    say("select: %d", select(0, NULL, NULL, NULL, &second));
    say("poll: %d", poll(NULL, 0, 1000));
}

//   1.000 EINTR, 2.0 left
//   3.000 0
CASE(nanosleep_left) {
    handle(SIGUSR1, 0);
    thread_after(1, signal_process, SIGUSR1);
    struct timespec time = timespec(3), left = {7, 7};
    const char *how = result(syscall(SYS_nanosleep, &time, &left));
    say("%s, %.1f left", how, seconds_of(left));
    say("%s", result(syscall(SYS_nanosleep, &left, &left)));
}

//   1.000 EINTR, 2.0 left
//   1.500 EINTR, 1.5 left
//   3.000 0
CASE(clock_nanosleep_left) {
    handle(SIGUSR1, SA_RESTART);
    child_after(1, signal_parent, SIGUSR1);
    child_after(1.5, signal_parent, SIGUSR1);
    struct timespec left = timespec(3);
    for (int index = 0; index < 3; index++) {
        const char *how = result(syscall(SYS_clock_nanosleep, CLOCK_REALTIME, 0, &left, &left));
        if (index < 2) say("%s, %.1f left", how, seconds_of(left));
        else say("%s", how);
    }
}

// A sleep until a moment leaves no time.
//   1.000 EINTR, 7.0 left
//   2.000 0
CASE(absolute_left) {
    handle(SIGUSR1, 0);
    thread_after(1, signal_process, SIGUSR1);
    struct timespec end = moment(CLOCK_MONOTONIC, 2), left = {7, 0};
    const char *how =
        result(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, &end, &left));
    say("%s, %.1f left", how, seconds_of(left));
    say("%s", result(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, &end, &left)));
}

//   0.900 2 left
CASE(sleep_left) {
    handle(SIGALRM, 0);
    thread_after(0.9, signal_process, SIGALRM);
    say("%u left", sleep(3));
}

//   1.000 ppoll: EINTR, 2.0 left
//   2.000 select: EINTR, 2.0 left
//   3.000 pselect6: EINTR, 2.0 left
CASE(left_after_signal) {
    handle(SIGUSR1, 0);
    for (int second = 1; second < 4; second++) child_after(second, signal_parent, SIGUSR1);
    struct timespec time = timespec(3);
    const char *how = result(syscall(SYS_ppoll, NULL, 0, &time, NULL, 8));
    say("ppoll: %s, %.1f left", how, seconds_of(time));
    struct timeval value = {3, 0};
    how = result(syscall(SYS_select, 0, NULL, NULL, NULL, &value));
    say("select: %s, %.1f left", how, value.tv_sec + value.tv_usec / 1e6);
    time = timespec(3);
    how = result(syscall(SYS_pselect6, 0, NULL, NULL, NULL, &time, NULL));
    say("pselect6: %s, %.1f left", how, seconds_of(time));
}

static int pipe_ends[2];
static void write_byte(int unused) {
    (void)unused;
    if (write(pipe_ends[1], "x", 1) != 1) abort();
}

//   1.000 ppoll: 1, 2.0 left
//   2.000 select: 1, 2.0 left
//   3.000 pselect6: 1, 2.0 left
CASE(left_after_event) {
    if (pipe(pipe_ends) != 0) abort();
    char byte;
    for (int second = 1; second < 4; second++) thread_after(second, write_byte, 0);
    struct pollfd one = {pipe_ends[0], POLLIN, 0};
    struct timespec time = timespec(3);
    const char *how = result(syscall(SYS_ppoll, &one, 1, &time, NULL, 8));
    say("ppoll: %s, %.1f left", how, seconds_of(time));
    if (read(pipe_ends[0], &byte, 1) != 1) abort();
    fd_set set;
    FD_ZERO(&set);
    FD_SET(pipe_ends[0], &set);
    struct timeval value = {3, 0};
    how = result(syscall(SYS_select, pipe_ends[0] + 1, &set, NULL, NULL, &value));
    say("select: %s, %.1f left", how, value.tv_sec + value.tv_usec / 1e6);
    if (read(pipe_ends[0], &byte, 1) != 1) abort();
    time = timespec(3);
    how = result(syscall(SYS_pselect6, pipe_ends[0] + 1, &set, NULL, NULL, &time, NULL));
    say("pselect6: %s, %.1f left", how, seconds_of(time));
}

//   1.000 ppoll: 0, 0.0 left
//   2.000 select: 0, 0.0 left
//   3.000 pselect6: 0, 0.0 left
CASE(left_after_time_out) {
    struct timespec time = timespec(1);
    const char *how = result(syscall(SYS_ppoll, NULL, 0, &time, NULL, 8));
    say("ppoll: %s, %.1f left", how, seconds_of(time));
    struct timeval value = {1, 0};
    how = result(syscall(SYS_select, 0, NULL, NULL, NULL, &value));
    say("select: %s, %.1f left", how, value.tv_sec + value.tv_usec / 1e6);
    time = timespec(1);
    how = result(syscall(SYS_pselect6, 0, NULL, NULL, NULL, &time, NULL));
    say("pselect6: %s, %.1f left", how, seconds_of(time));
}

// At the timeout the sets are empty; after a signal they are as they were.
//   1.000 EINTR: 1
//   2.000 0: 0
// each: select pselect6
CASE(sets) {
    handle(SIGUSR1, 0);
    thread_after(1, signal_process, SIGUSR1);
    if (pipe(pipe_ends) != 0) abort();
    fd_set set;
    FD_ZERO(&set);
    FD_SET(pipe_ends[0], &set);
    for (int index = 0; index < 2; index++) {
        struct timeval value = {index == 0 ? 2 : 1, 0};
        struct timespec time = timespec(value.tv_sec);
        const char *how =
            result(*argument == 's' ? syscall(SYS_select, pipe_ends[0] + 1, &set, NULL, NULL, &value)
                                    : syscall(SYS_pselect6, pipe_ends[0] + 1, &set, NULL, NULL, &time, NULL));
        say("%s: %d", how, FD_ISSET(pipe_ends[0], &set) != 0);
    }
}

// A timeout in memory that cannot be written is still waited for.
//   1.000 ppoll: 0
//   2.000 pselect6: 0
CASE(constant) {
    struct timespec *time = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    *time = timespec(1);
    mprotect(time, 4096, PROT_READ);
    say("ppoll: %s", result(syscall(SYS_ppoll, NULL, 0, time, NULL, 8)));
    say("pselect6: %s", result(syscall(SYS_pselect6, 0, NULL, NULL, NULL, time, NULL)));
}

//   0.000 nanosleep: EINVAL
//   0.000 nanosleep: EINVAL
//   0.000 nanosleep: EINVAL
//   0.000 nanosleep: EFAULT
//   0.000 clock_nanosleep: EINVAL
//   0.000 clock_nanosleep: EINVAL
//   0.000 clock_nanosleep: EFAULT
//   0.000 clock_nanosleep: EINVAL
//   0.000 clock_nanosleep: EOPNOTSUPP
CASE(sleeps_refused) {
    struct timespec negative = {-1, 0}, too_much = {0, 1000000000}, less = {0, -1}, one = {1, 0};
    say("nanosleep: %s", result(syscall(SYS_nanosleep, &negative, NULL)));
    say("nanosleep: %s", result(syscall(SYS_nanosleep, &too_much, NULL)));
    say("nanosleep: %s", result(syscall(SYS_nanosleep, &less, NULL)));
    say("nanosleep: %s", result(syscall(SYS_nanosleep, 1, NULL)));
    say("clock_nanosleep: %s", result(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &too_much, NULL)));
    say("clock_nanosleep: %s",
        result(syscall(SYS_clock_nanosleep, CLOCK_REALTIME, TIMER_ABSTIME, &negative, NULL)));
    say("clock_nanosleep: %s", result(syscall(SYS_clock_nanosleep, CLOCK_REALTIME, 0, 1, NULL)));
    say("clock_nanosleep: %s", result(syscall(SYS_clock_nanosleep, 77, 0, &one, NULL)));
    say("clock_nanosleep: %s", result(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC_RAW, 0, &one, NULL)));
}

//   0.000 ppoll: EINVAL
//   0.000 ppoll: EINVAL
//   0.000 ppoll: EFAULT
//   0.000 ppoll: EINVAL
//   0.000 poll: EFAULT
//   0.000 poll: EINVAL
//   0.000 select: EINVAL
//   0.000 select: EFAULT
//   0.000 select: EINVAL
//   0.000 select: EBADF
//   0.000 pselect6: EINVAL
//   0.000 pselect6: EFAULT
CASE(polls_refused) {
    struct timespec negative = {-1, 0}, too_much = {0, 1000000000}, one = {1, 0};
    struct timeval minus = {-1, 0}, second = {1, 0};
    sigset_t set;
    sigemptyset(&set);
    say("ppoll: %s", result(syscall(SYS_ppoll, NULL, 0, &negative, NULL, 8)));
    say("ppoll: %s", result(syscall(SYS_ppoll, NULL, 0, &too_much, NULL, 8)));
    say("ppoll: %s", result(syscall(SYS_ppoll, NULL, 0, 1, NULL, 8)));
    say("ppoll: %s", result(syscall(SYS_ppoll, NULL, 0, &one, &set, 7)));
    say("poll: %s", result(syscall(SYS_poll, 1, 1, 1000)));
    say("poll: %s", result(syscall(SYS_poll, NULL, 1 << 30, 1000)));
    say("select: %s", result(syscall(SYS_select, 0, NULL, NULL, NULL, &minus)));
    say("select: %s", result(syscall(SYS_select, 0, NULL, NULL, NULL, 1)));
    say("select: %s", result(syscall(SYS_select, -1, NULL, NULL, NULL, &second)));
    fd_set closed;
    FD_ZERO(&closed);
    FD_SET(20, &closed);
    close(20);
    say("select: %s", result(syscall(SYS_select, 21, &closed, NULL, NULL, &second)));
    say("pselect6: %s", result(syscall(SYS_pselect6, 0, NULL, NULL, NULL, &too_much, NULL)));
    say("pselect6: %s", result(syscall(SYS_pselect6, 0, NULL, NULL, NULL, 1, NULL)));
}

// A descriptor that is closed is an event for poll.
//   0.000 1
CASE(poll_closed) {
    struct pollfd closed = {77, POLLIN, 0};
    say("%s", result(syscall(SYS_poll, &closed, 1, 1000)));
}

//   0.000 epoll_wait: EBADF
//   0.000 epoll_wait: EINVAL
//   0.000 epoll_wait: EINVAL
//   0.000 epoll_pwait: EINVAL
//   0.000 epoll_pwait2: EINVAL
//   0.000 epoll_pwait2: EFAULT
CASE(epoll_refused) {
    struct epoll_event event;
    int queue = epoll_create1(0);
    struct timespec too_much = {0, 1000000000};
    sigset_t set;
    sigemptyset(&set);
    say("epoll_wait: %s", result(syscall(SYS_epoll_wait, 77, &event, 1, 1000)));
    say("epoll_wait: %s", result(syscall(SYS_epoll_wait, queue, &event, 0, 1000)));
    say("epoll_wait: %s", result(syscall(SYS_epoll_wait, 1, &event, 1, 1000)));
    say("epoll_pwait: %s", result(syscall(SYS_epoll_pwait, queue, &event, 1, 1000, &set, 7)));
    say("epoll_pwait2: %s", result(syscall(441, queue, &event, 1, &too_much, NULL, 8)));
    say("epoll_pwait2: %s", result(syscall(441, queue, &event, 1, 1, NULL, 8)));
}

//   0.000 futex: EAGAIN
//   0.000 futex: EINVAL
//   0.000 futex: EFAULT
//   0.000 futex: EFAULT
//   0.000 bitset: EINVAL
//   0.000 waitv: EINVAL
//   0.000 sigtimedwait: EINVAL
//   0.000 sigtimedwait: EFAULT
//   0.000 sigtimedwait: EINVAL
CASE(locks_refused) {
    static uint32_t word;
    struct timespec one = {1, 0}, too_much = {0, 1000000000};
    say("futex: %s", result(syscall(SYS_futex, &word, FUTEX_WAIT, 7, &one)));
    say("futex: %s", result(syscall(SYS_futex, &word, FUTEX_WAIT, 0, &too_much)));
    say("futex: %s", result(syscall(SYS_futex, &word, FUTEX_WAIT, 0, 1)));
    say("futex: %s", result(syscall(SYS_futex, 4, FUTEX_WAIT, 0, &one)));
    say("bitset: %s", result(syscall(SYS_futex, &word, FUTEX_WAIT_BITSET, 0, &one, NULL, 0)));
    say("waitv: %s", result(syscall(449, NULL, 0, 0, &one, CLOCK_MONOTONIC)));
    sigset_t set;
    sigemptyset(&set);
    say("sigtimedwait: %s", result(syscall(SYS_rt_sigtimedwait, &set, NULL, &too_much, 8)));
    say("sigtimedwait: %s", result(syscall(SYS_rt_sigtimedwait, 1, NULL, &one, 8)));
    say("sigtimedwait: %s", result(syscall(SYS_rt_sigtimedwait, &set, NULL, &one, 7)));
}

// A wait of nanoseconds is over at once, a thousand of them soon.
//   0.000 asleep
//   1.000 awake
CASE(milliseconds) {
    say("asleep");
    struct timespec time = {0, 1};
    nanosleep(&time, NULL);
    for (int index = 0; index < 10; index++) usleep(100);
    sleep_for(0.99);
    say("awake");
}

// Signals with a mask of the wait's own: what was blocked is let in for as long as it waits.
//   1.000 EINTR, handled 1, blocked 1
// each: ppoll pselect6 epoll_pwait epoll_pwait2 sigsuspend
CASE(own_mask) {
    handle(SIGUSR1, 0);
    block(SIGUSR1);
    thread_after(1, signal_process, SIGUSR1);
    sigset_t none, after;
    sigemptyset(&none);
    struct timespec time = timespec(3);
    struct epoll_event event;
    int queue = epoll_create1(0);
    const void *mask[] = {&none, (void *)8};
    long returned = 0;
    if (strcmp(argument, "ppoll") == 0) returned = syscall(SYS_ppoll, NULL, 0, &time, &none, 8);
    if (strcmp(argument, "pselect6") == 0)
        returned = syscall(SYS_pselect6, 0, NULL, NULL, NULL, &time, mask);
    if (strcmp(argument, "epoll_pwait") == 0)
        returned = syscall(SYS_epoll_pwait, queue, &event, 1, 3000, &none, 8);
    if (strcmp(argument, "epoll_pwait2") == 0)
        returned = syscall(441, queue, &event, 1, &time, &none, 8);
    if (strcmp(argument, "sigsuspend") == 0) returned = syscall(SYS_rt_sigsuspend, &none, 8);
    const char *how = result(returned);
    sigprocmask(SIG_BLOCK, NULL, &after);
    say("%s, handled %d, blocked %d", how, handled, sigismember(&after, SIGUSR1));
}

// And a timeout leaves the mask as it was.
//   1.000 0, blocked 1
// each: ppoll pselect6 epoll_pwait epoll_pwait2
CASE(own_mask_times_out) {
    block(SIGUSR1);
    sigset_t none, after;
    sigemptyset(&none);
    struct timespec time = timespec(1);
    struct epoll_event event;
    int queue = epoll_create1(0);
    const void *mask[] = {&none, (void *)8};
    long returned = -1;
    if (strcmp(argument, "ppoll") == 0) returned = syscall(SYS_ppoll, NULL, 0, &time, &none, 8);
    if (strcmp(argument, "pselect6") == 0)
        returned = syscall(SYS_pselect6, 0, NULL, NULL, NULL, &time, mask);
    if (strcmp(argument, "epoll_pwait") == 0)
        returned = syscall(SYS_epoll_pwait, queue, &event, 1, 1000, &none, 8);
    if (strcmp(argument, "epoll_pwait2") == 0)
        returned = syscall(441, queue, &event, 1, &time, &none, 8);
    const char *how = result(returned);
    sigprocmask(SIG_BLOCK, NULL, &after);
    say("%s, blocked %d", how, sigismember(&after, SIGUSR1));
}

static void signal_often(int signal) {
    for (int index = 0; index < 19; index++) {
        kill(getpid(), signal);
        sleep_for(0.1);
    }
}

// Many handled signals in a row, in a sleep that is taken up again each time.
//   2.000 handled 19
CASE(many_signals) {
    handle(SIGUSR1, 0);
    thread_after(0.1, signal_often, SIGUSR1);
    struct timespec left = timespec(2);
    while (nanosleep(&left, &left) == -1) {}
    say("handled %d", handled);
}

static sigjmp_buf place;
static void jump(int signal) {
    (void)signal;
    siglongjmp(place, 1);
}

// A handler that jumps out of the sleep.
//   1.000 out
//   2.000 slept
CASE(jump_out) {
    signal(SIGUSR1, jump);
    thread_after(1, signal_process, SIGUSR1);
    if (sigsetjmp(place, 1) == 0) sleep(10);
    say("out");
    sleep_for(1);
    say("slept");
}

static void sleep_in_handler(int signal) {
    (void)signal;
    say("in the handler");
    sleep_for(1);
    say("still in the handler");
}

// A handler that sleeps itself, in a sleep that is continued.
//   1.000 in the handler
//   2.000 still in the handler
//   2.000 back, 2.0 left
//   4.000 slept
CASE(handler_sleeps) {
    signal(SIGUSR1, sleep_in_handler);
    thread_after(1, signal_process, SIGUSR1);
    struct timespec left = timespec(3);
    nanosleep(&left, &left);
    say("back, %.1f left", seconds_of(left));
    nanosleep(&left, NULL);
    say("slept");
}

//   1.000 EINTR, handled 1
CASE(pause_ends) {
    handle(SIGUSR1, SA_RESTART);
    child_after(1, signal_parent, SIGUSR1);
    const char *how = result(syscall(SYS_pause));
    say("%s, handled %d", how, handled);
}

// To sleep for no time takes a moment all the same, see proc_pid_timerslack_ns(5).
//   0.005 some time
CASE(sleeps_of_zero_length) {
    struct timespec zero = {0};
    double start = now();
    for (int round = 0; round < 100; round++) nanosleep(&zero, NULL);
    say(now() - start > 0.003 ? "some time" : "no time");
}
