// Connects to a server by TCP with calls of another architecture: their numbers mean other things.

#include "hostile.h"
#include <arpa/inet.h>
#include <sys/mman.h>

enum { SOCKET = 359, CONNECT = 362 };

static long call(long number, long first, long second, long third) {
    long result;
    __asm__ volatile("int $0x80"
                     : "=a"(result)
                     : "a"(number), "b"(first), "c"(second), "d"(third)
                     : "memory", "r8", "r9", "r10", "r11");
    return result;
}

int main(void) {
    // Such calls have pointers of 32 bits.
    struct sockaddr_in *server = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
                                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    if (server == MAP_FAILED) return refused("mmap", errno);
    server->sin_family = AF_INET;
    server->sin_port = htons(atoi(target(1)));
    inet_pton(AF_INET, target(0), &server->sin_addr);
    printf("starts\n");
    fflush(stdout);
    long connection = call(SOCKET, AF_INET, SOCK_STREAM, 0);
    if (connection < 0) return refused("socket", (int)-connection);
    long result = call(CONNECT, connection, (long)server, sizeof *server);
    return result < 0 ? refused("connect", (int)-result) : done("connect");
}
