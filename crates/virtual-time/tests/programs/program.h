// What the test programs share. A program is a group of cases; `./program CASE [ARGUMENT]` runs one.
// The comment above a case is its expectation, which the tests read:
//
//   1.500 text         this line, after this many seconds
//   within: 0.1        by how many seconds a line may be off; 0.06 if not given, as a host may take
//                      a core away from its guest for that long
//   error: text        its standard error contains this
//   not believed: text the run is not believed, for a reason that contains this
//   or not believed: text  either that, or all of the rest
//   exit: 7            its exit code; 0 if not given
//   options: --limit 5 options of the command
//   each: a b          run once with each of these as the argument

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <math.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/times.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CASE(name)                                                                                 \
    static void name(void);                                                                        \
    __attribute__((constructor)) static void add_##name(void) {                                    \
        cases[case_count++] = (struct a_case){#name, name};                                        \
    }                                                                                              \
    static void name(void)

static struct a_case {
    const char *name;
    void (*run)(void);
} cases[100];
static int case_count;

static const char *argument = "";

__attribute__((unused)) static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

// Prints a line with one write.
__attribute__((unused, format(printf, 1, 2))) static void say(const char *format, ...) {
    char line[1000];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line - 1, format, arguments);
    va_end(arguments);
    line[length] = '\n';
    if (write(1, line, length + 1) != length + 1) abort();
}

__attribute__((unused)) static const char *error_name(int error) {
    static char other[20];
    switch (error) {
    case EAGAIN: return "EAGAIN";
    case EBADF: return "EBADF";
    case ECANCELED: return "ECANCELED";
    case ECHILD: return "ECHILD";
    case EFAULT: return "EFAULT";
    case EINTR: return "EINTR";
    case EINVAL: return "EINVAL";
    case ENOSYS: return "ENOSYS";
    case EOPNOTSUPP: return "EOPNOTSUPP";
    case ETIMEDOUT: return "ETIMEDOUT";
    }
    snprintf(other, sizeof other, "error %d", error);
    return other;
}

// What a call returned, or the name of its error.
__attribute__((unused)) static const char *result(long returned) {
    static char number[30];
    if (returned == -1) return error_name(errno);
    snprintf(number, sizeof number, "%ld", returned);
    return number;
}

__attribute__((unused)) static struct timespec timespec(double seconds) {
    double whole = floor(seconds);
    return (struct timespec){whole, (seconds - whole) * 1e9};
}

// The time on this clock in this many seconds.
__attribute__((unused)) static struct timespec moment(clockid_t clock, double seconds) {
    struct timespec time;
    clock_gettime(clock, &time);
    long nanoseconds = time.tv_nsec + lround(seconds * 1e9);
    time.tv_sec += nanoseconds / 1000000000;
    time.tv_nsec = nanoseconds % 1000000000;
    if (time.tv_nsec < 0) time.tv_nsec += 1000000000, time.tv_sec--;
    return time;
}

// Sleeps on, whatever signals come.
__attribute__((unused)) static void sleep_for(double seconds) {
    struct timespec end = moment(CLOCK_MONOTONIC, seconds);
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &end, NULL) == EINTR) {}
}

static volatile int handled;

static void count(int signal) {
    (void)signal;
    handled++;
}

__attribute__((unused)) static void handle(int signal, int flags) {
    struct sigaction action = {.sa_handler = count, .sa_flags = flags};
    sigaction(signal, &action, NULL);
}

__attribute__((unused)) static void block(int signal) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, signal);
    sigprocmask(SIG_BLOCK, &set, NULL);
}

struct later {
    double seconds;
    void (*action)(int);
    int argument;
};

static void *do_later(void *data) {
    struct later later = *(struct later *)data;
    free(data);
    sleep_for(later.seconds);
    later.action(later.argument);
    return NULL;
}

// A thread that does this after this many seconds. It handles no signals.
__attribute__((unused)) static pthread_t thread_after(double seconds, void (*action)(int), int argument) {
    struct later *later = malloc(sizeof *later);
    *later = (struct later){seconds, action, argument};
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_t thread;
    pthread_create(&thread, NULL, do_later, later);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return thread;
}

// A child that does this after this many seconds, and ends.
__attribute__((unused)) static pid_t child_after(double seconds, void (*action)(int), int argument) {
    pid_t child = fork();
    if (child != 0) return child;
    sleep_for(seconds);
    action(argument);
    _exit(0);
}

__attribute__((unused)) static void nothing(int unused) { (void)unused; }
__attribute__((unused)) static void signal_parent(int signal) { kill(getppid(), signal); }
__attribute__((unused)) static void signal_process(int signal) { kill(getpid(), signal); }

int main(int argc, char **argv) {
    if (argc > 2) argument = argv[2];
    for (int index = 0; index < case_count; index++) {
        if (argc > 1 && strcmp(cases[index].name, argv[1]) == 0) {
            cases[index].run();
            return 0;
        }
    }
    fprintf(stderr, "no such case\n");
    return 99;
}
