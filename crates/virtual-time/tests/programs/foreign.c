// Ways to read the time, or to wait, that are not known.

#include "program.h"
#include <mqueue.h>
#include <sys/inotify.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <x86intrin.h>

//   0.000 read
//   1.000 goes forward
CASE(rdtsc_read) {
    uint64_t first = __rdtsc();
    unsigned processor;
    uint64_t second = __rdtscp(&processor);
    say("read");
    sleep_for(1);
    say(first < second && second < __rdtsc() ? "goes forward" : "goes back");
}

// Two readings are never the same.
//   0.000 1000 differ
CASE(rdtsc_differs) {
    int differ = 0;
    for (uint64_t last = __rdtsc(), next; differ < 1000 && (next = __rdtsc()) > last; last = next) {
        differ++;
    }
    say("%d differ", differ);
}

// Measured with the processor's own counter, a sleep is as long as with any clock.
//   0.200 measuring
//   1.200 1.0
CASE(rdtsc_measures) {
    uint64_t start = __rdtsc();
    double then = now();
    sleep_for(0.2);
    double rate = (__rdtsc() - start) / (now() - then);
    say("measuring");
    start = __rdtsc();
    sleep_for(1);
    say("%.1f", (__rdtsc() - start) / rate);
}

static double spin(double rate, double seconds) {
    double then = now();
    uint64_t start = __rdtsc();
    while (__rdtsc() - start < rate * seconds) {}
    return now() - then;
}

// A wait that reads the counter in a loop.
//   0.200 measuring
//   0.700 0.5
// not believed: time stamp counter
CASE(rdtsc_spun) {
    uint64_t start = __rdtsc();
    double then = now();
    while (now() < then + 0.2) {}
    double rate = (__rdtsc() - start) / (now() - then);
    say("measuring");
    say("%.1f", spin(rate, 0.5));
}

static long call32(long number, long first, long second) {
    long returned;
    __asm__ volatile("int $0x80" : "=a"(returned) : "a"(number), "b"(first), "c"(second) : "memory");
    return returned;
}

// A 32-bit call, even if it tells no time.
//   0.000 same
// not believed: architecture
CASE(call32_getpid) { say(call32(20, 0, 0) == getpid() ? "same" : "another"); }

// One that sleeps.
//   1.000 0 after 1.0
// not believed: architecture
CASE(call32_nanosleep) {
    int *time = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    time[0] = 1;
    double start = now();
    long returned = call32(162, (long)time, 0);
    say("%ld after %.1f", returned, now() - start);
}

// And one that tells the time.
//   1.000 1
// not believed: architecture
CASE(call32_time) {
    long start = call32(13, 0, 0);
    sleep_for(1);
    say("%ld", call32(13, 0, 0) - start);
}

// A call with a number of x32, whether or not the kernel knows it.
//   1.000 asleep no longer
// not believed: architecture
CASE(call_x32) {
    struct timespec time = timespec(1);
    double start = now();
    syscall(0x40000000 | SYS_clock_gettime, CLOCK_MONOTONIC, &time);
    sleep_for(start + 1 - now());
    say("asleep no longer");
}

//   1.000 traced
// not believed: trace
CASE(traced_by_parent) {
    pid_t child = fork();
    if (child == 0) {
        ptrace(PTRACE_TRACEME, 0, NULL, NULL);
        raise(SIGSTOP);
        sleep_for(1);
        _exit(0);
    }
    int status;
    waitpid(child, &status, 0);
    ptrace(PTRACE_CONT, child, NULL, NULL);
    waitpid(child, &status, 0);
    say("traced");
}

//   1.000 traced
// not believed: trace
// each: attach seize
CASE(tracer_inside) {
    pid_t child = child_after(1, nothing, 0);
    if (ptrace(*argument == 'a' ? PTRACE_ATTACH : PTRACE_SEIZE, child, NULL, NULL) != 0) {
        say("not allowed");
        return;
    }
    int status;
    if (*argument == 'a') waitpid(child, &status, 0);
    ptrace(*argument == 'a' ? PTRACE_CONT : PTRACE_INTERRUPT, child, NULL, NULL);
    if (*argument == 's') waitpid(child, &status, 0), ptrace(PTRACE_CONT, child, NULL, NULL);
    waitpid(child, &status, 0);
    say("traced");
}

static int ends[2];
static void say_time(int unused) {
    (void)unused;
    say("other thread");
}

// A timeout of the socket, not of a call. Another thread sleeps longer: the clock must not jump to
// its deadline.
//   1.000 EAGAIN
//   2.000 other thread
// not believed: SO_RCVTIMEO
CASE(receive_time_out) {
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) abort();
    struct timeval second = {1, 0};
    setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &second, sizeof second);
    pthread_t thread = thread_after(2, say_time, 0);
    char byte;
    say("%s", result(read(ends[0], &byte, 1)));
    pthread_join(thread, NULL);
}

//   1.000 EAGAIN
//   2.000 other thread
// not believed: SO_SNDTIMEO
CASE(send_time_out) {
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) abort();
    struct timeval second = {1, 0};
    setsockopt(ends[0], SOL_SOCKET, SO_SNDTIMEO, &second, sizeof second);
    static char bytes[1 << 20];
    pthread_t thread = thread_after(2, say_time, 0);
    while (send(ends[0], bytes, sizeof bytes, MSG_DONTWAIT) > 0) {}
    say("%s", result(write(ends[0], bytes, sizeof bytes)));
    pthread_join(thread, NULL);
}

static void receive_with_option(void) {
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) abort();
    int much = 100000;
    struct timeval none = {0, 0};
    if (*argument == 's') setsockopt(ends[0], SOL_SOCKET, SO_RCVBUF, &much, sizeof much);
    else setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &none, sizeof none);
    if (fork() == 0) {
        sleep_for(1);
        if (write(ends[1], "x", 1) != 1) abort();
        _exit(0);
    }
    char byte;
    say("%s", result(read(ends[0], &byte, 1)));
}

// Other options have nothing to do with time.
//   1.000 1
// each: size
CASE(other_option) { receive_with_option(); }

// Neither has a timeout of zero.
//   1.000 1
// or not believed: SO_RCVTIMEO
// each: none
CASE(time_out_of_none) { receive_with_option(); }

static void write_byte(int unused) {
    (void)unused;
    if (write(ends[1], "x", 1) != 1) abort();
}

// Calls whose timeouts are not known. This one checks the time after each datagram.
//   2.000 1
// not believed: recvmmsg
CASE(receive_many) {
    if (socketpair(AF_UNIX, SOCK_DGRAM, 0, ends) != 0) abort();
    thread_after(2, write_byte, 0);
    thread_after(3, write_byte, 0);
    char bytes[2];
    struct iovec parts[2] = {{&bytes[0], 1}, {&bytes[1], 1}};
    struct mmsghdr messages[2] = {{.msg_hdr = {.msg_iov = &parts[0], .msg_iovlen = 1}},
                                  {.msg_hdr = {.msg_iov = &parts[1], .msg_iovlen = 1}}};
    struct timespec second = timespec(1);
    say("%s", result(recvmmsg(ends[0], messages, 2, 0, &second)));
}

// Without its timeout, it is a wait like any other.
//   1.000 1
// or not believed: recvmmsg
CASE(receive_many_untimed) {
    if (socketpair(AF_UNIX, SOCK_DGRAM, 0, ends) != 0) abort();
    thread_after(1, write_byte, 0);
    char byte;
    struct iovec part = {&byte, 1};
    struct mmsghdr message = {.msg_hdr = {.msg_iov = &part, .msg_iovlen = 1}};
    say("%s", result(recvmmsg(ends[0], &message, 1, 0, NULL)));
}

static int semaphores(void) { return semget(IPC_PRIVATE, 1, 0600); }

//   1.000 EAGAIN
//   2.000 other thread
// not believed: semtimedop
CASE(semaphore_timed) {
    int set = semaphores();
    struct sembuf down = {0, -1, 0};
    struct timespec second = timespec(1);
    pthread_t thread = thread_after(2, say_time, 0);
    long returned = semtimedop(set, &down, 1, &second);
    const char *how = result(returned);
    semctl(set, 0, IPC_RMID);
    say("%s", how);
    pthread_join(thread, NULL);
}

// Without a timeout, and with a key that nobody else has.
//   1.000 0
// or not believed: sem
CASE(semaphore_private) {
    int set = semaphores();
    struct sembuf down = {0, -1, 0}, up = {0, 1, 0};
    if (fork() == 0) {
        sleep_for(1);
        semop(set, &up, 1);
        _exit(0);
    }
    long returned = semop(set, &down, 1);
    const char *how = result(returned);
    semctl(set, 0, IPC_RMID);
    say("%s", how);
}

// A key that others may have, too.
//   1.000 asleep no longer
// not believed: may share
// each: semaphores memory messages
CASE(key) {
    key_t key = 0x76740000 | (getpid() & 0xffff);
    int id = -1;
    if (*argument == 's') id = semget(key, 1, IPC_CREAT | 0600);
    if (strcmp(argument, "memory") == 0) id = shmget(key, 4096, IPC_CREAT | 0600);
    if (strcmp(argument, "messages") == 0) id = msgget(key, IPC_CREAT | 0600);
    sleep_for(1);
    if (*argument == 's') semctl(id, 0, IPC_RMID);
    if (strcmp(argument, "memory") == 0) shmctl(id, IPC_RMID, NULL);
    if (strcmp(argument, "messages") == 0) msgctl(id, IPC_RMID, NULL);
    say("asleep no longer");
}

//   1.000 set
CASE(memory_private) {
    int id = shmget(IPC_PRIVATE, 4096, 0600);
    volatile int *memory = shmat(id, NULL, 0);
    shmctl(id, IPC_RMID, NULL);
    if (fork() == 0) {
        sleep_for(0.98);
        *memory = 1;
        _exit(0);
    }
    while (*memory == 0) usleep(50000);
    say("set");
}

static mqd_t queue(void) {
    char name[50];
    snprintf(name, sizeof name, "/virtual-time-%d", getpid());
    struct mq_attr attributes = {.mq_maxmsg = 1, .mq_msgsize = 1};
    mqd_t opened = mq_open(name, O_CREAT | O_RDWR, 0600, &attributes);
    mq_unlink(name);
    return opened;
}

//   1.000 ETIMEDOUT
//   2.000 other thread
// not believed: mq_open
CASE(queue_timed) {
    char byte;
    struct timespec end = moment(CLOCK_REALTIME, 1);
    pthread_t thread = thread_after(2, say_time, 0);
    say("%s", result(mq_timedreceive(queue(), &byte, 1, NULL, &end)));
    pthread_join(thread, NULL);
}

//   1.000 ETIMEDOUT
//   2.000 other thread
// not believed: mq_open
CASE(queue_full) {
    mqd_t full = queue();
    mq_send(full, "x", 1, 0);
    struct timespec end = moment(CLOCK_REALTIME, 1);
    pthread_t thread = thread_after(2, say_time, 0);
    say("%s", result(mq_timedsend(full, "x", 1, 0, &end)));
    pthread_join(thread, NULL);
}

//   1.000 0
//   2.000 other thread
// not believed: io_getevents
CASE(io_events) {
    unsigned long context = 0;
    char event[32];
    struct timespec second = timespec(1);
    if (syscall(SYS_io_setup, 1, &context) != 0) abort();
    pthread_t thread = thread_after(2, say_time, 0);
    say("%s", result(syscall(SYS_io_getevents, context, 1, 1, event, &second)));
    pthread_join(thread, NULL);
}

//   1.000 created
// not believed: inotify
CASE(watched) {
    char folder[] = "./virtual-time-XXXXXX", file[50];
    if (mkdtemp(folder) == NULL) abort();
    snprintf(file, sizeof file, "%s/new", folder);
    int watch = inotify_init();
    inotify_add_watch(watch, folder, IN_CREATE);
    if (fork() == 0) {
        sleep_for(1);
        close(open(file, O_CREAT | O_WRONLY, 0600));
        _exit(0);
    }
    char event[1000];
    if (read(watch, event, sizeof event) < 1) abort();
    unlink(file);
    rmdir(folder);
    say("created");
}

// io_uring is refused. A program that can do without it goes on.
//   1.000 asleep no longer
CASE(ring) {
    char parameters[200] = {0};
    int ring = syscall(425, 4, parameters);
    double start = now();
    sleep_for(start + 1 - now());
    if (ring >= 0) close(ring);
    say("asleep no longer");
}

// Memory of a file that was there before, which nobody else maps and nobody can change.
//   1.000 mapped
CASE(file_mapped) {
    int file = open("/proc/self/exe", O_RDONLY);
    const char *bytes = mmap(NULL, 4096, PROT_READ, MAP_SHARED, file, 0);
    sleep_for(1);
    say(bytes[1] == 'E' ? "mapped" : "not mapped");
}

// A limit on its CPU time ends it.
//   1.000 asleep no longer
// exit: 137
// options: --real-seconds 100
CASE(processor_limit) {
    struct rlimit second = {1, 1};
    setrlimit(RLIMIT_CPU, &second);
    sleep_for(1);
    say("asleep no longer");
    for (;;) {}
}

// A child that hides from the tracer.
//   0.000 ended
// not believed: not to be traced
CASE(untraced_child) {
    long child = syscall(SYS_clone, CLONE_UNTRACED | SIGCHLD, NULL, NULL, NULL, NULL);
    if (child == 0) _exit(0);
    waitpid(child, NULL, 0);
    say("ended");
}

// The clock in /proc, by another name.
//   0.000 read
// not believed: another clock
CASE(uptime_by_another_name) {
    char text[100];
    if (chdir("/proc/self/..") != 0 || read(open("uptime", O_RDONLY), text, 100) < 1) abort();
    say("read");
}

// Whoever runs the tracer: only root would see it.
//   1.000 slept
// not believed: it does not let other processes see its memory
CASE(memory_hidden) {
    prctl(PR_SET_DUMPABLE, 0);
    sleep(1);
    say("slept");
}
