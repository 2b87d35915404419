// Every call that tells the time.

#include "program.h"
#include <elf.h>
#include <sys/sysinfo.h>

static double seconds_of(struct timespec time) { return time.tv_sec + time.tv_nsec / 1e9; }

static double clock_call(clockid_t clock) {
    struct timespec time;
    if (syscall(SYS_clock_gettime, clock, &time) != 0) abort();
    return seconds_of(time);
}

static double clock_function(clockid_t clock) {
    struct timespec time;
    if (clock_gettime(clock, &time) != 0) abort();
    return seconds_of(time);
}

static const struct {
    const char *name;
    clockid_t clock;
} clocks[] = {
    {"realtime", CLOCK_REALTIME},
    {"monotonic", CLOCK_MONOTONIC},
    {"monotonic_raw", CLOCK_MONOTONIC_RAW},
    {"realtime_coarse", CLOCK_REALTIME_COARSE},
    {"monotonic_coarse", CLOCK_MONOTONIC_COARSE},
    {"boottime", CLOCK_BOOTTIME},
    {"tai", CLOCK_TAI},
    {"process", CLOCK_PROCESS_CPUTIME_ID},
    {"thread", CLOCK_THREAD_CPUTIME_ID},
};

static clockid_t chosen_clock(void) {
    for (size_t index = 0; index < sizeof clocks / sizeof *clocks; index++)
        if (strcmp(clocks[index].name, argument) == 0) return clocks[index].clock;
    abort();
}

//   2.000 2.0 by the call, 2.0 by the function
// each: realtime monotonic monotonic_raw realtime_coarse monotonic_coarse boottime
// each: tai
CASE(clock_tells) {
    clockid_t clock = chosen_clock();
    double call = clock_call(clock), function = clock_function(clock);
    sleep_for(2);
    say("%.1f by the call, %.1f by the function", clock_call(clock) - call,
        clock_function(clock) - function);
}

// Whether a program reads its clock by itself or by a call, each reading is later than the one before.
//   0.000 rises
CASE(readings_rise) {
    double last = 0;
    for (int number = 0; number < 2000; number++) {
        double time = number % 7 == 0 ? clock_call(CLOCK_MONOTONIC) : now();
        if (time <= last) abort();
        last = time;
    }
    say("rises");
}

// A process that another one wakes, and that makes no call in between, reads the new time.
//   2.000 2.0 later
CASE(reading_after_jump) {
    int ends[2];
    char byte;
    if (pipe(ends) != 0) abort();
    now();
    if (fork() == 0) {
        double before = now();
        if (read(ends[0], &byte, 1) != 1) abort();
        say("%.1f later", now() - before);
        _exit(0);
    }
    sleep_for(2);
    if (write(ends[1], "x", 1) != 1) abort();
    wait(NULL);
}

// A child that runs in the memory of its parent leaves it no reading of an earlier time.
//   3.000 3.0 later
CASE(reading_after_vfork) {
    double before = now();
    sleep_for(1);
    pid_t child = vfork();
    if (child == 0) {
        for (int number = 0; number < 40; number++) now();
        execl("/bin/sleep", "sleep", "2", NULL);
        _exit(1);
    }
    waitpid(child, NULL, 0);
    say("%.1f later", now() - before);
}

static int run_beside(void *unused) {
    (void)unused;
    sleep_for(1);
    for (int number = 0; number < 40; number++) now();
    _exit(0);
}

// Nor if its parent does not wait until it is done with that memory.
//   3.000 3.0 later
CASE(reading_after_clone) {
    static char stack[1 << 16] __attribute__((aligned(16)));
    double before = now();
    pid_t child = clone(run_beside, stack + sizeof stack, CLONE_VM | SIGCHLD, NULL);
    waitpid(child, NULL, 0);
    usleep(2000000);
    say("%.1f later", now() - before);
}

// A process that is told a time by another one does not read an earlier one afterwards.
//   0.000 in order
// within: 0.2
CASE(reading_after_another) {
    int asks[2], tells[2];
    double told;
    if (pipe(asks) != 0 || pipe(tells) != 0) abort();
    if (fork() == 0) {
        close(asks[1]);
        while (read(asks[0], &told, sizeof told) == sizeof told) {
            told = now();
            if (write(tells[1], &told, sizeof told) != sizeof told) abort();
        }
        _exit(0);
    }
    for (int number = 0; number < 300; number++) {
        told = now();
        if (write(asks[1], &told, sizeof told) != sizeof told) abort();
        if (read(tells[0], &told, sizeof told) != sizeof told) abort();
        if (now() < told) abort();
    }
    close(asks[1]);
    wait(NULL);
    say("in order");
}

static void *read_on(void *unused) {
    pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
    for (;;) now();
    return unused;
}

// A thread can be canceled while it reads the clock.
//   0.100 canceled 10 times
// within: 0.2
CASE(canceled_reading) {
    int canceled = 0;
    for (int index = 0; index < 10; index++) {
        pthread_t thread;
        void *result;
        pthread_create(&thread, NULL, read_on, NULL);
        sleep_for(0.01);
        pthread_cancel(thread);
        pthread_join(thread, &result);
        canceled += result == PTHREAD_CANCELED;
    }
    say("canceled %d times", canceled);
}

// The clock advances while the program works.
//   0.200 0.2 of work
// within: 0.15
CASE(reading_after_work) {
    double before = now(), worked = clock_function(CLOCK_PROCESS_CPUTIME_ID);
    while (clock_function(CLOCK_PROCESS_CPUTIME_ID) < worked + 0.2) {}
    say("%.1f of work", now() - before);
}

// Where it counts its readings, a program may write a number that stands for a second of them: its
// next line does not come later.
//   0.000 forged
CASE(forged_readings) {
    now();
    long *word = (long *)environ;
    while (*word != 0) word++;
    for (word++; *word != AT_NULL; word += 2) {}
    word += 2;
    word[1] = 0;
    word[2] = 20000000;
    now();
    say("forged");
}

// A wait uses no CPU time.
//   2.000 0.0 by the call, 0.0 by the function
// each: process thread
CASE(processor_clock) {
    clockid_t clock = chosen_clock();
    double call = clock_call(clock), function = clock_function(clock);
    sleep_for(2);
    say("%.1f by the call, %.1f by the function", clock_call(clock) - call,
        clock_function(clock) - function);
}

//   2.000 clock 0.0, getrusage 0.0
CASE(processor_time) {
    clock_t before = clock();
    sleep_for(2);
    struct rusage {
        struct timeval user, system;
        long other[14];
    } used;
    syscall(SYS_getrusage, 0, &used);
    say("clock %.1f, getrusage %.1f", (double)(clock() - before) / CLOCKS_PER_SEC,
        used.user.tv_sec + used.user.tv_usec / 1e6);
}

//   2.500 2.5 by the call, 2.5 by the function
CASE(gettimeofday_tells) {
    struct timeval before[2], after[2];
    syscall(SYS_gettimeofday, &before[0], NULL);
    gettimeofday(&before[1], NULL);
    sleep_for(2.5);
    syscall(SYS_gettimeofday, &after[0], NULL);
    gettimeofday(&after[1], NULL);
    double passed[2];
    for (int index = 0; index < 2; index++)
        passed[index] = after[index].tv_sec - before[index].tv_sec +
                        (after[index].tv_usec - before[index].tv_usec) / 1e6;
    say("%.1f by the call, %.1f by the function", passed[0], passed[1]);
}

//   3.000 3 by the call, 3 by the function, 3 through the pointer
CASE(time_tells) {
    time_t call = syscall(SYS_time, NULL), function = time(NULL), pointed;
    sleep_for(3);
    long after = syscall(SYS_time, &pointed);
    say("%ld by the call, %ld by the function, %ld through the pointer", after - call,
        (long)(time(NULL) - function), (long)(pointed - call));
}

// Its result is in ticks of the clock; its fields are CPU time.
//   2.000 2.0 passed, 0.0 used
CASE(times_tells) {
    struct tms used;
    clock_t before = times(&used);
    sleep_for(2);
    clock_t after = times(&used);
    double second = sysconf(_SC_CLK_TCK);
    say("%.1f passed, %.1f used", (after - before) / second, (used.tms_utime + used.tms_stime) / second);
}

//   3.000 3 by sysinfo
CASE(uptime) {
    struct sysinfo before, after;
    sysinfo(&before);
    sleep_for(3);
    sysinfo(&after);
    say("%ld by sysinfo", after.uptime - before.uptime);
}

// Not every machine has an alarm clock.
//   2.000 right
CASE(alarm_clocks) {
    struct timespec before, after;
    int refused = clock_gettime(CLOCK_BOOTTIME_ALARM, &before);
    sleep_for(2);
    clock_gettime(CLOCK_BOOTTIME_ALARM, &after);
    double passed = seconds_of(after) - seconds_of(before);
    say(refused || (passed > 1.9 && passed < 2.1) ? "right" : "wrong: %.1f", passed);
}

// All clocks go on together.
//   1.000 apart by 0.00
//   2.000 apart by 0.00
CASE(together) {
    double first = clock_call(CLOCK_REALTIME) - clock_call(CLOCK_MONOTONIC);
    for (int index = 0; index < 2; index++) {
        sleep_for(1);
        double apart = clock_call(CLOCK_REALTIME) - clock_call(CLOCK_MONOTONIC) - first;
        say("apart by %.2f", fabs(apart));
    }
}

static double latest;
static int went_back;
static pthread_mutex_t reading = PTHREAD_MUTEX_INITIALIZER;
static void *read_often(void *unused) {
    for (int index = 0; index < 100; index++) {
        pthread_mutex_lock(&reading);
        double read = now();
        went_back += read < latest;
        latest = read;
        pthread_mutex_unlock(&reading);
        sleep_for(0.005);
    }
    return unused;
}
// A clock never goes back, whoever reads it.
//   1.100 went back 0 times
CASE(forward) {
    double start = now();
    pthread_t threads[4];
    for (int index = 0; index < 4; index++) pthread_create(&threads[index], NULL, read_often, NULL);
    for (int index = 0; index < 4; index++) pthread_join(threads[index], NULL);
    sleep_for(start + 1.1 - now());
    say("went back %d times", went_back);
}

// The wall clock starts at the real time.
//   0.000 today
CASE(date) {
    struct stat file;
    char name[] = "./virtual-time-XXXXXX";
    close(mkstemp(name));
    stat(name, &file);
    unlink(name);
    say(fabs(difftime(file.st_mtime, time(NULL))) < 60 ? "today" : "another day");
}

// The clock shows how long the processor works: a loop that reads the clock ends.
//   0.500 spun for 0.5
// within: 0.2
CASE(spin) {
    double start = now();
    while (now() < start + 0.5) {}
    say("spun for %.1f", now() - start);
}

//   0.000 EFAULT
//   0.000 EINVAL
//   0.000 EFAULT
//   0.000 EFAULT
CASE(clock_faults) {
    struct timespec time;
    say("%s", result(syscall(SYS_clock_gettime, CLOCK_MONOTONIC, 1)));
    say("%s", result(syscall(SYS_clock_gettime, 77, &time)));
    say("%s", result(syscall(SYS_gettimeofday, 1, NULL)));
    say("%s", result(syscall(SYS_time, 1)));
}

// A function gets a signal instead, no matter how often the clock was read before.
//   0.000 signal 11, signal 11, signal 11
CASE(wrong_address) {
    struct timespec *volatile wrong = (struct timespec *)1;
    int ends[3];
    for (int index = 0; index < 3; index++) {
        pid_t child = fork();
        if (child == 0) {
            for (int number = 0; number < index; number++) now();
            _exit(clock_gettime(CLOCK_MONOTONIC, wrong) != 0);
        }
        waitpid(child, &ends[index], 0);
    }
    say("signal %d, signal %d, signal %d", ends[0], ends[1], ends[2]);
}

// The resolution of a clock is not its time.
//   0.000 1 nanosecond
//   0.000 EINVAL
CASE(resolution) {
    struct timespec time;
    syscall(SYS_clock_getres, CLOCK_MONOTONIC, &time);
    say("%ld nanosecond", time.tv_nsec);
    say("%s", result(syscall(SYS_clock_getres, 77, &time)));
}

// Another process's clock is its CPU time.
//   1.000 0.0
CASE(clock_of_a_child) {
    pid_t child = child_after(5, nothing, 0);
    sleep_for(1);
    clockid_t clock;
    clock_getcpuclockid(child, &clock);
    say("%.1f", clock_function(clock));
    kill(child, SIGKILL);
}
