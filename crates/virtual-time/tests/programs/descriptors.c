// Pipes, sockets and event loops: what is waited for is another thread or process of the same run.

#include "program.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/un.h>
#include <sys/file.h>

static int ends[2];

static void write_byte(int unused) {
    (void)unused;
    if (write(ends[1], "x", 1) != 1) abort();
}

static void make(void) {
    int failed = 1;
    if (strcmp(argument, "pipe") == 0) failed = pipe(ends);
    if (strcmp(argument, "socketpair") == 0) failed = socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
    if (strcmp(argument, "datagrams") == 0) failed = socketpair(AF_UNIX, SOCK_DGRAM, 0, ends);
    if (strcmp(argument, "packets") == 0) failed = socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends);
    if (failed) abort();
}

// A blocking read, woken by a thread or a child that slept.
//   1.000 1 from a thread
//   2.000 1 from a child
// each: pipe socketpair datagrams packets
CASE(read_blocks) {
    make();
    char byte;
    thread_after(1, write_byte, 0);
    say("%s from a thread", result(read(ends[0], &byte, 1)));
    child_after(1, write_byte, 0);
    say("%s from a child", result(read(ends[0], &byte, 1)));
}

// The end of a file, when the child that holds the other end is gone.
//   1.000 0
// each: pipe socketpair packets
CASE(end_of_file) {
    make();
    child_after(1, nothing, 0);
    close(ends[1]);
    char byte;
    say("%s", result(read(ends[0], &byte, 1)));
}

static void read_much(int unused) {
    (void)unused;
    static char bytes[1 << 20];
    int left = sizeof bytes;
    while (left > 0) {
        int count = read(ends[0], bytes, left);
        if (count <= 0) abort();
        left -= count;
    }
}

// A pipe that is full, until somebody reads.
//   1.000 1048576 written
// each: pipe socketpair
CASE(full) {
    make();
    static char bytes[1 << 20];
    thread_after(1, read_much, 0);
    say("%s written", result(write(ends[1], bytes, sizeof bytes)));
}

// Back and forth, each time after the other has slept.
//   0.200 1
//   0.400 2
//   0.600 3
//   0.800 4
//   1.000 5
// each: socketpair datagrams packets
CASE(ping_pong) {
    make();
    char ball = 0;
    if (fork() == 0) {
        close(ends[0]);
        while (read(ends[1], &ball, 1) == 1) {
            ball++;
            sleep_for(0.1);
            if (write(ends[1], &ball, 1) != 1) abort();
        }
        _exit(0);
    }
    close(ends[1]);
    for (int index = 0; index < 5; index++) {
        sleep_for(0.1);
        if (write(ends[0], &ball, 1) != 1 || read(ends[0], &ball, 1) != 1) abort();
        say("%d", ball);
    }
}

// A thousand times without any sleep.
//   1.000 1000
// each: socketpair datagrams
CASE(fast_ping_pong) {
    make();
    char ball = 0;
    if (fork() == 0) {
        close(ends[0]);
        while (read(ends[1], &ball, 1) == 1)
            if (write(ends[1], &ball, 1) != 1) abort();
        _exit(0);
    }
    close(ends[1]);
    double start = now();
    int count = 0;
    for (; count < 1000; count++)
        if (write(ends[0], &ball, 1) != 1 || read(ends[0], &ball, 1) != 1) abort();
    sleep_for(start + 1 - now());
    say("%d", count);
}

static union {
    struct sockaddr any;
    struct sockaddr_in ip;
    struct sockaddr_in6 ip6;
    struct sockaddr_un local;
} address;
static socklen_t address_length;
static int kind = SOCK_STREAM;

// A socket of the kind that `argument` names, bound to an address that nobody else has.
static int bound(void) {
    if (strcmp(argument, "tcp") == 0) {
        address.ip = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
        address_length = sizeof address.ip;
    } else if (strcmp(argument, "udp") == 0) {
        kind = SOCK_DGRAM;
        address.ip = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
        address_length = sizeof address.ip;
    } else {
        address.local.sun_family = AF_UNIX;
        if (strcmp(argument, "unix") == 0) {
            snprintf(address.local.sun_path, 100, "./virtual-time-%d", getpid());
            address_length = sizeof address.local;
        } else { // Without a name in the file system.
            address_length = sizeof(sa_family_t);
        }
    }
    int socket_ = socket(address.any.sa_family, kind, 0);
    if (bind(socket_, &address.any, address_length) != 0) abort();
    address_length = sizeof address;
    getsockname(socket_, &address.any, &address_length);
    return socket_;
}

static void serve(int listener) {
    int connection = accept(listener, NULL, NULL);
    char byte;
    while (read(connection, &byte, 1) == 1) {
        sleep_for(1);
        if (write(connection, &byte, 1) != 1) abort();
    }
    close(connection);
}

// A server in a child: it connects, and each answer takes a second.
//   0.500 connected
//   1.500 a
//   2.500 b
// each: tcp unix abstract
CASE(server) {
    int listener = bound();
    listen(listener, 5);
    child_after(0.5, serve, listener);
    sleep_for(0.5);
    int connection = socket(address.any.sa_family, SOCK_STREAM, 0);
    if (connect(connection, &address.any, address_length) != 0) abort();
    say("connected");
    if (address.any.sa_family == AF_UNIX) unlink(address.local.sun_path);
    char byte;
    for (const char *letter = "ab"; *letter; letter++) {
        if (write(connection, letter, 1) != 1 || read(connection, &byte, 1) != 1) abort();
        say("%c", byte);
    }
}

static void knock(int unused) {
    (void)unused;
    int connection = socket(address.any.sa_family, SOCK_STREAM, 0);
    if (connect(connection, &address.any, address_length) != 0) abort();
    sleep_for(1);
    if (write(connection, "x", 1) != 1) abort();
}

// A wait for somebody who connects.
//   1.000 accepted
//   2.000 1
// each: tcp unix abstract
CASE(accept_blocks) {
    int listener = bound();
    listen(listener, 5);
    child_after(1, knock, 0);
    int connection = accept(listener, NULL, NULL);
    say("accepted");
    if (address.any.sa_family == AF_UNIX) unlink(address.local.sun_path);
    char byte;
    say("%s", result(read(connection, &byte, 1)));
}

static void send_datagram(int unused) {
    (void)unused;
    int sender = socket(AF_INET, SOCK_DGRAM, 0);
    if (sendto(sender, "x", 1, 0, &address.any, address_length) != 1) abort();
}

//   1.000 1
// each: udp
CASE(datagram) {
    int receiver = bound();
    child_after(1, send_datagram, 0);
    char byte;
    say("%s", result(recv(receiver, &byte, 1, 0)));
}

// Nobody listens there: refused at once.
//   0.000 error 111
// each: tcp unix
CASE(refused) {
    close(bound());
    int connection = socket(address.any.sa_family, SOCK_STREAM, 0);
    say("%s", result(connect(connection, &address.any, address_length)));
    if (address.any.sa_family == AF_UNIX) unlink(address.local.sun_path);
}

static int event;
static void both(int unused) {
    write_byte(unused);
    if (eventfd_write(event, 1) != 0) abort();
}

// One event after another, and a timeout in between.
//   0.500 0
//   1.000 1: pipe
//   1.000 1: eventfd
//   1.500 0
CASE(epoll_events) {
    if (pipe(ends) != 0) abort();
    event = eventfd(0, 0);
    int queue = epoll_create1(0);
    struct epoll_event one = {.events = EPOLLIN, .data.fd = ends[0]};
    epoll_ctl(queue, EPOLL_CTL_ADD, ends[0], &one);
    one.data.fd = event;
    epoll_ctl(queue, EPOLL_CTL_ADD, event, &one);
    child_after(1, both, 0);
    say("%s", result(epoll_wait(queue, &one, 1, 500)));
    char bytes[8];
    for (int index = 0; index < 2; index++) {
        int count = epoll_wait(queue, &one, 1, 5000);
        say("%d: %s", count, one.data.fd == event ? "eventfd" : "pipe");
        if (read(one.data.fd, bytes, 8) < 1) abort();
    }
    say("%s", result(epoll_wait(queue, &one, 1, 500)));
}

// A queue in another queue, and in poll.
//   1.000 1 1
CASE(epoll_nested) {
    if (pipe(ends) != 0) abort();
    int inner = epoll_create1(0), outer = epoll_create1(0);
    struct epoll_event one = {.events = EPOLLIN};
    epoll_ctl(inner, EPOLL_CTL_ADD, ends[0], &one);
    epoll_ctl(outer, EPOLL_CTL_ADD, inner, &one);
    thread_after(1, write_byte, 0);
    int events = epoll_wait(outer, &one, 1, 3000);
    struct pollfd polled = {inner, POLLIN, 0};
    say("%d %d", events, poll(&polled, 1, 3000));
}

//   1.000 signal 10
CASE(signal_descriptor) {
    block(SIGUSR1);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    int descriptor = signalfd(-1, &set, 0);
    child_after(1, signal_parent, SIGUSR1);
    struct pollfd one = {descriptor, POLLIN, 0};
    poll(&one, 1, 3000);
    struct signalfd_siginfo signal;
    if (read(descriptor, &signal, sizeof signal) != sizeof signal) abort();
    say("signal %d", signal.ssi_signo);
}

//   1.000 1
//   1.000 child ended
CASE(pid_descriptor) {
    pid_t child = child_after(1, nothing, 0);
    struct pollfd one = {syscall(434, child, 0), POLLIN, 0};
    say("%s", result(poll(&one, 1, 3000)));
    siginfo_t info;
    say(waitid(P_PIDFD, one.fd, &info, WEXITED) == 0 ? "child ended" : "%s", error_name(errno));
}

static int queue;
static void add(int unused) {
    (void)unused;
    struct epoll_event one = {.events = EPOLLOUT};
    epoll_ctl(queue, EPOLL_CTL_ADD, ends[1], &one);
}

// A queue to which a thread adds a descriptor while it waits for the first.
//   1.000 1
//   1.000 asleep no longer
CASE(epoll_added) {
    if (pipe(ends) != 0) abort();
    queue = epoll_create1(0);
    thread_after(1, add, 0);
    struct epoll_event one;
    say("%s", result(epoll_wait(queue, &one, 1, 3000)));
    say("asleep no longer");
}

static char path[50];
static void open_to_write(int unused) {
    (void)unused;
    int fifo = open(path, O_WRONLY);
    sleep_for(1);
    if (write(fifo, "x", 1) != 1) abort();
}

// A FIFO between two processes of the run.
//   1.000 open
//   2.000 1
// or not believed: open
CASE(fifo) {
    snprintf(path, sizeof path, "./virtual-time-%d", getpid());
    if (mkfifo(path, 0600) != 0) abort();
    child_after(1, open_to_write, 0);
    int fifo = open(path, O_RDONLY);
    unlink(path);
    say("open");
    char byte;
    say("%s", result(read(fifo, &byte, 1)));
}

static void lock(int file) {
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int failed = 1;
    if (strcmp(argument, "flock") == 0) failed = flock(file, LOCK_EX);
    if (strcmp(argument, "fcntl") == 0) failed = fcntl(file, F_SETLKW, &whole);
    if (strcmp(argument, "lockf") == 0) failed = lockf(file, F_LOCK, 0);
    if (failed) abort();
}

// File locks among processes of the run.
//   1.000 asleep no longer
// or not believed: file lock
// each: flock fcntl lockf
CASE(file_lock) {
    char name[] = "./virtual-time-XXXXXX";
    close(mkstemp(name));
    if (fork() == 0) {
        lock(open(name, O_RDWR));
        sleep_for(1);
        _exit(0);
    }
    sleep_for(0.5);
    lock(open(name, O_RDWR));
    unlink(name);
    say("asleep no longer");
}

static volatile int *shared;
static void set(int unused) {
    (void)unused;
    *shared = 1;
}

// Memory that processes of the run share, made by one of them.
//   1.000 set
// each: memfd file
CASE(shared_memory) {
    char name[50];
    snprintf(name, sizeof name, "/virtual-time-%d", getpid());
    int memory = strcmp(argument, "file") == 0 ? shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600)
                                               : memfd_create("memory", 0);
    shm_unlink(name);
    if (ftruncate(memory, 4096) != 0) abort();
    shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
    child_after(0.98, set, 0);
    while (*shared == 0) usleep(50000);
    say("set");
}

// Nobody is left who could write.
//   0.000 reading
// exit: 124
// error: it waits forever
CASE(both_ends_held) {
    if (pipe(ends) != 0) abort();
    say("reading");
    char byte;
    say("%s", result(read(ends[0], &byte, 1)));
}

//   0.000 waiting
// exit: 124
// error: it waits forever
CASE(epoll_of_nothing) {
    struct epoll_event one;
    say("waiting");
    say("%s", result(epoll_wait(epoll_create1(0), &one, 1, -1)));
}

// Somebody outside could connect.
//   0.000 listening
// exit: 124
// not believed: connections
CASE(nobody_connects) {
    argument = "unix";
    int listener = bound();
    unlink(address.local.sun_path);
    listen(listener, 1);
    say("listening");
    accept(listener, NULL, NULL);
}

static void write_one(int unused) {
    (void)unused;
    if (write(ends[1], "x", 1) != 1) abort();
}

// A queue that waits for a descriptor of which only a copy is open.
//   1.000 1
// not believed: has closed
CASE(epoll_of_a_copy) {
    if (pipe(ends) != 0) abort();
    queue = epoll_create1(0);
    struct epoll_event one = {.events = EPOLLIN};
    epoll_ctl(queue, EPOLL_CTL_ADD, ends[0], &one);
    if (dup(ends[0]) < 0) abort();
    close(ends[0]);
    thread_after(1, write_one, 0);
    say("%s", result(epoll_wait(queue, &one, 1, 3000)));
}
