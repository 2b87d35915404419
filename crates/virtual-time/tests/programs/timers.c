// Timers: descriptors, alarms, and the timers of a process.

#include "program.h"

static double seconds_of(struct timespec time) { return time.tv_sec + time.tv_nsec / 1e9; }

static struct itimerspec setting(double first, double interval) {
    return (struct itimerspec){.it_value = timespec(first), .it_interval = timespec(interval)};
}

static int timer(double first, double interval) {
    int descriptor = timerfd_create(CLOCK_MONOTONIC, 0);
    struct itimerspec new = setting(first, interval);
    timerfd_settime(descriptor, 0, &new, NULL);
    return descriptor;
}

static void say_expirations(int descriptor) {
    uint64_t count;
    long length = read(descriptor, &count, 8);
    if (length == 8) say("%d", (int)count);
    else say("%s", result(length));
}

//   1.500 1
// each: monotonic realtime boottime
CASE(timerfd_once) {
    clockid_t clock = *argument == 'm' ? CLOCK_MONOTONIC : *argument == 'r' ? CLOCK_REALTIME : CLOCK_BOOTTIME;
    int descriptor = timerfd_create(clock, 0);
    struct itimerspec new = setting(1.5, 0);
    timerfd_settime(descriptor, 0, &new, NULL);
    say_expirations(descriptor);
}

//   1.500 1
//   1.500 1
// each: monotonic realtime boottime
CASE(timerfd_absolute) {
    clockid_t clock = *argument == 'm' ? CLOCK_MONOTONIC : *argument == 'r' ? CLOCK_REALTIME : CLOCK_BOOTTIME;
    int descriptor = timerfd_create(clock, 0);
    struct itimerspec new = {.it_value = moment(clock, 1.5)};
    timerfd_settime(descriptor, TFD_TIMER_ABSTIME, &new, NULL);
    say_expirations(descriptor);
    // A moment that has passed.
    new.it_value = moment(clock, -1);
    timerfd_settime(descriptor, TFD_TIMER_ABSTIME, &new, NULL);
    say_expirations(descriptor);
}

//   1.000 1
//   1.500 1
//   2.000 1
CASE(timerfd_periodic) {
    int descriptor = timer(1, 0.5);
    for (int index = 0; index < 3; index++) say_expirations(descriptor);
}

// Whoever waits for it may read it before the tracer sees that it can be read.
//   3.000 300
CASE(timerfd_often) {
    int descriptor = timer(0.01, 0.01);
    uint64_t count, all = 0;
    while (all < 300 && read(descriptor, &count, 8) == 8) all += count;
    say("%d", (int)all);
}

// Read late, it tells how often it has expired.
//   1.000 1
//   2.200 2
//   2.500 1
// or not believed: expired twice
CASE(timerfd_missed) {
    int descriptor = timer(1, 0.5);
    say_expirations(descriptor);
    sleep_for(1.2);
    say_expirations(descriptor);
    say_expirations(descriptor);
}

//   1.000 0.5 left, every 0.2
//   1.600 0.1 left, every 0.2
//   1.600 1
//   1.600 0.0 left, every 0.0
CASE(timerfd_left) {
    int descriptor = timer(1.5, 0.2);
    struct itimerspec now_;
    sleep_for(1);
    timerfd_gettime(descriptor, &now_);
    say("%.1f left, every %.1f", seconds_of(now_.it_value), seconds_of(now_.it_interval));
    sleep_for(0.6);
    struct itimerspec none = setting(0, 0);
    timerfd_gettime(descriptor, &now_);
    say("%.1f left, every %.1f", seconds_of(now_.it_value), seconds_of(now_.it_interval));
    say_expirations(descriptor);
    timerfd_settime(descriptor, 0, &none, &now_);
    timerfd_gettime(descriptor, &now_);
    say("%.1f left, every %.1f", seconds_of(now_.it_value), seconds_of(now_.it_interval));
}

//   0.500 old: 0.5 left
//   2.500 1
CASE(timerfd_set_again) {
    int descriptor = timer(1, 0);
    sleep_for(0.5);
    struct itimerspec new = setting(2, 0), old;
    timerfd_settime(descriptor, 0, &new, &old);
    say("old: %.1f left", seconds_of(old.it_value));
    say_expirations(descriptor);
}

//   0.000 EAGAIN
//   1.200 1
//   1.200 EAGAIN
CASE(timerfd_nonblocking) {
    int descriptor = timer(1, 0);
    fcntl(descriptor, F_SETFL, O_NONBLOCK);
    say_expirations(descriptor);
    sleep_for(1.2);
    say_expirations(descriptor);
    say_expirations(descriptor);
}

//   1.000 1
//   1.000 1
//   2.000 1
// each: poll select epoll
CASE(timerfd_in) {
    int descriptor = timer(1, 1), queue = epoll_create1(0);
    struct epoll_event one = {.events = EPOLLIN};
    epoll_ctl(queue, EPOLL_CTL_ADD, descriptor, &one);
    for (int index = 0; index < 2; index++) {
        struct pollfd polled = {descriptor, POLLIN, 0};
        fd_set set;
        FD_ZERO(&set);
        FD_SET(descriptor, &set);
        if (strcmp(argument, "poll") == 0) poll(&polled, 1, -1);
        if (strcmp(argument, "select") == 0) select(descriptor + 1, &set, NULL, NULL, NULL);
        if (strcmp(argument, "epoll") == 0) epoll_wait(queue, &one, 1, -1);
        if (index == 0) say("1");
        say_expirations(descriptor);
    }
}

// The timeout of the wait comes first, then the timer, and at last both.
//   0.500 0
//   1.000 1
CASE(timerfd_and_time_out) {
    int descriptor = timer(1, 0);
    struct pollfd polled = {descriptor, POLLIN, 0};
    say("%s", result(poll(&polled, 1, 500)));
    say("%s", result(poll(&polled, 1, 5000)));
}

//   1.000 1
CASE(timerfd_copied) {
    int descriptor = timer(1, 0), copy = dup(descriptor);
    close(descriptor);
    say_expirations(copy);
}

// A timer of the parent, of which the child has the only copy.
//   1.000 1
//   1.000 ended
CASE(timerfd_inherited) {
    int descriptor = timer(1, 0);
    if (fork() == 0) {
        say_expirations(descriptor);
        _exit(0);
    }
    close(descriptor);
    wait(NULL);
    say("ended");
}

// A timer that goes through exec: it reads it as its standard input.
//   1.000 1
CASE(timerfd_after_exec) {
    if (*argument) {
        say_expirations(0);
        return;
    }
    dup2(timer(1, 0), 0);
    execl("/proc/self/exe", "timers", "timerfd_after_exec", "again", NULL);
}

//   1.000 EINTR
//   2.000 1
CASE(timerfd_signal) {
    handle(SIGUSR1, 0);
    thread_after(1, signal_process, SIGUSR1);
    int descriptor = timer(2, 0);
    say_expirations(descriptor);
    say_expirations(descriptor);
}

// Set by a thread while another waits for it.
static int shared_timer;
static void set_timer(int unused) {
    (void)unused;
    struct itimerspec new = setting(1, 0);
    timerfd_settime(shared_timer, 0, &new, NULL);
}
//   2.000 1
CASE(timerfd_set_meanwhile) {
    shared_timer = timerfd_create(CLOCK_MONOTONIC, 0);
    thread_after(1, set_timer, 0);
    say_expirations(shared_timer);
}

//   0.000 EINVAL
//   0.000 EINVAL
//   0.000 EBADF
//   0.000 EINVAL
//   0.000 EINVAL
//   0.000 EFAULT
//   0.000 EFAULT
CASE(timerfd_refused) {
    struct itimerspec one = setting(1, 0), too_much = {.it_value = {0, 1000000000}};
    int descriptor = timerfd_create(CLOCK_MONOTONIC, 0);
    say("%s", result(timerfd_create(77, 0)));
    say("%s", result(timerfd_create(CLOCK_MONOTONIC, 1)));
    say("%s", result(timerfd_settime(77, 0, &one, NULL)));
    say("%s", result(timerfd_settime(1, 0, &one, NULL)));
    say("%s", result(timerfd_settime(descriptor, 0, &too_much, NULL)));
    say("%s", result(syscall(SYS_timerfd_settime, descriptor, 0, 1, NULL)));
    say("%s", result(syscall(SYS_timerfd_gettime, descriptor, 1)));
}

//   0.000 reading
// exit: 124
// error: it waits forever
CASE(timerfd_never_set) {
    say("reading");
    say_expirations(timerfd_create(CLOCK_MONOTONIC, 0));
}

static void say_signal(int signal) { say("signal %d", signal); }

//   0.000 0
//   1.000 2 left
//   2.000 signal 14
CASE(alarm_rings) {
    signal(SIGALRM, say_signal);
    say("%u", alarm(3));
    sleep_for(1);
    say("%u left", alarm(1));
    pause();
}

// What is left is rounded to the nearest second.
//   0.400 3 left
//   2.400 asleep no longer
CASE(alarm_cancelled) {
    signal(SIGALRM, say_signal);
    alarm(3);
    sleep_for(0.4);
    say("%u left", alarm(0));
    sleep_for(2);
    say("asleep no longer");
}

//   0.000 asleep
// exit: 142
CASE(alarm_kills) {
    say("asleep");
    alarm(2);
    sleep_for(5);
    say("alive");
}

// An alarm goes through exec, but not to a child.
//   1.000 signal 14
//   2.000 none
CASE(alarm_after_exec) {
    signal(SIGALRM, say_signal);
    if (*argument) {
        pause();
        alarm(2);
        if (fork() == 0) {
            say(sleep(1) == 0 && alarm(0) == 0 ? "none" : "one");
            _exit(0);
        }
        wait(NULL);
        return;
    }
    alarm(1);
    execl("/proc/self/exe", "timers", "alarm_after_exec", "again", NULL);
}

//   1.000 signal 14
//   1.500 signal 14
//   2.000 signal 14
//   2.200 0.3 left, every 0.5
//   2.200 0.3 left, then 0.0
CASE(setitimer_repeats) {
    signal(SIGALRM, say_signal);
    struct itimerval new = {{0, 500000}, {1, 0}}, old, none = {{0, 0}, {0, 0}};
    setitimer(ITIMER_REAL, &new, NULL);
    for (int index = 0; index < 3; index++) pause();
    sleep_for(0.2);
    getitimer(ITIMER_REAL, &old);
    say("%.1f left, every %.1f", old.it_value.tv_sec + old.it_value.tv_usec / 1e6,
        old.it_interval.tv_sec + old.it_interval.tv_usec / 1e6);
    setitimer(ITIMER_REAL, &none, &old);
    getitimer(ITIMER_REAL, &new);
    say("%.1f left, then %.1f", old.it_value.tv_sec + old.it_value.tv_usec / 1e6,
        new.it_value.tv_sec + new.it_value.tv_usec / 1e6);
}

// It interrupts what it should, and nothing else.
//   1.000 signal 14
//   1.000 EINTR
//   2.000 signal 14
//   3.000 0
CASE(setitimer_interrupts) {
    struct sigaction action = {.sa_handler = say_signal};
    sigaction(SIGALRM, &action, NULL);
    struct itimerval new = {{1, 0}, {1, 0}}, none = {{0, 0}, {0, 0}};
    setitimer(ITIMER_REAL, &new, NULL);
    struct timespec five = timespec(5);
    say("%s", result(nanosleep(&five, NULL)));
    action.sa_flags = SA_RESTART;
    sigaction(SIGALRM, &action, NULL);
    int ends[2];
    if (pipe(ends) != 0) abort();
    if (fork() == 0) {
        sleep_for(1.5);
        setitimer(ITIMER_REAL, &none, NULL);
        sleep_for(0.5);
        _exit(0);
    }
    close(ends[1]);
    char byte;
    struct itimerval once = {{0, 0}, {1, 0}};
    setitimer(ITIMER_REAL, &once, NULL);
    say("%s", result(read(ends[0], &byte, 1)));
}

// Processor time is not waiting: a timer of it does not ring in a sleep, but in a busy loop.
//   2.000 silent
//   2.200 rang
// within: 0.1
// each: virtual profile
CASE(processor_timer) {
    int which = *argument == 'v' ? ITIMER_VIRTUAL : ITIMER_PROF;
    handle(*argument == 'v' ? SIGVTALRM : SIGPROF, 0);
    struct itimerval new = {{0, 0}, {0, 200000}};
    setitimer(which, &new, NULL);
    sleep_for(2);
    say(handled ? "rang" : "silent");
    while (!handled) {}
    say(handled ? "rang" : "silent");
}

//   0.000 EINVAL
//   0.000 EINVAL
//   0.000 EFAULT
//   0.000 EFAULT
CASE(setitimer_refused) {
    struct itimerval one = {{0, 0}, {1, 0}}, too_much = {{0, 0}, {0, 1000000}};
    say("%s", result(syscall(SYS_setitimer, 77, &one, NULL)));
    say("%s", result(syscall(SYS_setitimer, ITIMER_REAL, &too_much, NULL)));
    say("%s", result(syscall(SYS_setitimer, ITIMER_REAL, 1, NULL)));
    say("%s", result(syscall(SYS_getitimer, ITIMER_REAL, 1)));
}

//   1.000 signal 10
//   1.500 signal 10
//   2.000 signal 10
//   3.200 deleted
// each: monotonic realtime boottime
CASE(timer_signals) {
    clockid_t clock = *argument == 'm' ? CLOCK_MONOTONIC : *argument == 'r' ? CLOCK_REALTIME : CLOCK_BOOTTIME;
    signal(SIGUSR1, say_signal);
    struct sigevent how = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
    timer_t one;
    if (timer_create(clock, &how, &one) != 0) abort();
    struct itimerspec new = setting(1, 0.5);
    timer_settime(one, 0, &new, NULL);
    for (int index = 0; index < 3; index++) pause();
    sleep_for(0.2);
    timer_delete(one);
    sleep_for(1);
    say("deleted");
}

//   2.000 signal 10
CASE(timer_absolute) {
    signal(SIGUSR1, say_signal);
    struct sigevent how = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
    timer_t one;
    if (timer_create(CLOCK_REALTIME, &how, &one) != 0) abort();
    struct itimerspec new = {.it_value = moment(CLOCK_REALTIME, 2)};
    timer_settime(one, TIMER_ABSTIME, &new, NULL);
    pause();
}

// Without a sigevent, it is SIGALRM.
//   1.000 signal 14
CASE(timer_by_default) {
    signal(SIGALRM, say_signal);
    timer_t one;
    if (timer_create(CLOCK_MONOTONIC, NULL, &one) != 0) abort();
    struct itimerspec new = setting(1, 0);
    timer_settime(one, 0, &new, NULL);
    pause();
}

//   1.000 0.5 left, every 0.2
//   1.000 0.5 left, then 0.0
CASE(timer_left) {
    struct sigevent how = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
    timer_t one;
    if (timer_create(CLOCK_MONOTONIC, &how, &one) != 0) abort();
    struct itimerspec new = setting(1.5, 0.2), old, none = setting(0, 0);
    timer_settime(one, 0, &new, NULL);
    sleep_for(1);
    timer_gettime(one, &old);
    say("%.1f left, every %.1f", seconds_of(old.it_value), seconds_of(old.it_interval));
    timer_settime(one, 0, &none, &old);
    timer_gettime(one, &new);
    say("%.1f left, then %.1f", seconds_of(old.it_value), seconds_of(new.it_value));
}

// A timer that sends no signal can be read.
//   1.000 0.5 left
//   1.600 0.0 left
CASE(timer_silent) {
    struct sigevent how = {.sigev_notify = SIGEV_NONE};
    timer_t one;
    if (timer_create(CLOCK_MONOTONIC, &how, &one) != 0) abort();
    struct itimerspec new = setting(1.5, 0);
    timer_settime(one, 0, &new, NULL);
    sleep_for(1);
    timer_gettime(one, &new);
    say("%.1f left", seconds_of(new.it_value));
    sleep_for(0.6);
    timer_gettime(one, &new);
    say("%.1f left", seconds_of(new.it_value));
}

// Blocked, the signal comes once, and the rest are counted.
//   1.050 signal 10
//   1.050 9 more
// or not believed: expired again
CASE(timer_overrun) {
    signal(SIGUSR1, say_signal);
    block(SIGUSR1);
    struct sigevent how = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
    timer_t one;
    if (timer_create(CLOCK_MONOTONIC, &how, &one) != 0) abort();
    struct itimerspec new = setting(0.1, 0.1);
    timer_settime(one, 0, &new, NULL);
    sleep_for(1.05);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    say("%d more", timer_getoverrun(one));
}

static void say_value(union sigval value) { say("value %d", value.sival_int); }

//   1.000 value 7
//   1.500 value 7
//   1.800 slept
CASE(timer_in_thread) {
    struct sigevent how = {.sigev_notify = SIGEV_THREAD, .sigev_value.sival_int = 7};
    how.sigev_notify_function = say_value;
    timer_t one;
    if (timer_create(CLOCK_MONOTONIC, &how, &one) != 0) abort();
    struct itimerspec new = setting(1, 0.5);
    timer_settime(one, 0, &new, NULL);
    sleep_for(1.8);
    say("slept");
}

static pid_t main_thread;
static void say_whose(int signal) {
    (void)signal;
    say(gettid() == main_thread ? "main thread" : "other thread");
}
static void *timed_thread(void *unused) {
    struct sigevent how = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGUSR1};
    how._sigev_un._tid = gettid();
    timer_t one;
    if (timer_create(CLOCK_MONOTONIC, &how, &one) != 0) abort();
    struct itimerspec new = setting(1, 0);
    timer_settime(one, 0, &new, NULL);
    pause();
    return unused;
}
//   1.000 other thread
//   2.000 slept
CASE(timer_of_thread) {
    main_thread = gettid();
    signal(SIGUSR1, say_whose);
    pthread_t thread;
    pthread_create(&thread, NULL, timed_thread, NULL);
    sleep_for(2);
    say("slept");
}

static void say_info(int signal, siginfo_t *info, void *unused) {
    (void)unused;
    say("signal %d, code %d, value %d", signal, info->si_code, info->si_value.sival_int);
}
// What comes with the signal says that it is a timer's.
//   1.000 signal 10, code -2, value 7
CASE(timer_value) {
    struct sigaction action = {.sa_sigaction = say_info, .sa_flags = SA_SIGINFO};
    sigaction(SIGUSR1, &action, NULL);
    struct sigevent how = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1, .sigev_value.sival_int = 7};
    timer_t one;
    if (timer_create(CLOCK_MONOTONIC, &how, &one) != 0) abort();
    struct itimerspec new = setting(1, 0);
    timer_settime(one, 0, &new, NULL);
    pause();
}

// And it can be waited for.
//   1.000 signal 10
//   2.000 EAGAIN
CASE(timer_awaited) {
    block(SIGUSR1);
    struct sigevent how = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
    timer_t one;
    if (timer_create(CLOCK_MONOTONIC, &how, &one) != 0) abort();
    struct itimerspec new = setting(1, 0);
    timer_settime(one, 0, &new, NULL);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    struct timespec second = timespec(1);
    say("signal %d", sigwaitinfo(&set, NULL));
    say("%s", result(sigtimedwait(&set, NULL, &second)));
}

//   0.000 EINVAL
//   0.000 EINVAL
//   0.000 EINVAL
//   0.000 EINVAL
//   0.000 EINVAL
CASE(timer_refused) {
    struct sigevent how = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = 77};
    struct itimerspec one = setting(1, 0);
    int id;
    say("%s", result(syscall(SYS_timer_create, 77, NULL, &id)));
    say("%s", result(syscall(SYS_timer_create, CLOCK_MONOTONIC, &how, &id)));
    say("%s", result(syscall(SYS_timer_settime, 77, 0, &one, NULL)));
    say("%s", result(syscall(SYS_timer_gettime, 77, &one)));
    say("%s", result(syscall(SYS_timer_delete, 77)));
}

// An interval that no clock lives to see.
//   1.000 handled
CASE(setitimer_beyond_the_end) {
    handle(SIGALRM, 0);
    struct itimerval new = {.it_value.tv_sec = 1, .it_interval.tv_sec = 1L << 60};
    setitimer(ITIMER_REAL, &new, NULL);
    pause();
    say("handled");
}
