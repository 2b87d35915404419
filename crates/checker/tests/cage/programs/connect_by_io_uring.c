// Connects to a server by TCP, through a ring: no call of it is the system call that does so.

#include "hostile.h"
#include <arpa/inet.h>
#include <linux/io_uring.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/syscall.h>

static int ring;
static struct io_uring_params parameters;
static char *submissions, *completions;
static struct io_uring_sqe *entries;

static unsigned *of(char *queue, unsigned offset) {
    return (unsigned *)(queue + offset);
}

// Submits one entry, waits for it, and returns its result.
static int submit(struct io_uring_sqe entry) {
    unsigned mask = *of(submissions, parameters.sq_off.ring_mask);
    unsigned *tail = of(submissions, parameters.sq_off.tail);
    unsigned index = *tail & mask;
    entries[index] = entry;
    of(submissions, parameters.sq_off.array)[index] = index;
    atomic_store((_Atomic unsigned *)tail, *tail + 1);
    if (syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) < 0) return -errno;
    unsigned *head = of(completions, parameters.cq_off.head);
    struct io_uring_cqe *all = (struct io_uring_cqe *)(completions + parameters.cq_off.cqes);
    int result = all[*head & *of(completions, parameters.cq_off.ring_mask)].res;
    atomic_store((_Atomic unsigned *)head, *head + 1);
    return result;
}

int main(void) {
    ring = syscall(SYS_io_uring_setup, 4, &parameters);
    if (ring < 0) return refused("io_uring_setup", errno);
    int shared = MAP_SHARED | MAP_POPULATE, both = PROT_READ | PROT_WRITE;
    submissions = mmap(NULL, 1 << 16, both, shared, ring, IORING_OFF_SQ_RING);
    completions = mmap(NULL, 1 << 16, both, shared, ring, IORING_OFF_CQ_RING);
    entries = mmap(NULL, 1 << 16, both, shared, ring, IORING_OFF_SQES);
    if (submissions == MAP_FAILED) return refused("mmap", errno);
    struct io_uring_sqe opens = {.opcode = IORING_OP_SOCKET, .fd = AF_INET, .off = SOCK_STREAM};
    int connection = submit(opens);
    if (connection < 0) return refused("socket", -connection);
    struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons(atoi(target(1)))};
    inet_pton(AF_INET, target(0), &server.sin_addr);
    struct io_uring_sqe connects = {.opcode = IORING_OP_CONNECT, .fd = connection};
    connects.addr = (unsigned long)&server;
    connects.off = sizeof server;
    int result = submit(connects);
    return result < 0 ? refused("connect", -result) : done("connect");
}
