/* Preloaded into a server that would listen on all addresses: its sockets listen on 127.0.0.1. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

int bind(int socket, const struct sockaddr *address, socklen_t length) {
    int (*next)(int, const struct sockaddr *, socklen_t) = dlsym(RTLD_NEXT, "bind");
    if (address->sa_family == AF_INET && length >= sizeof(struct sockaddr_in)) {
        struct sockaddr_in changed;
        memcpy(&changed, address, sizeof changed);
        if (changed.sin_addr.s_addr == htonl(INADDR_ANY)) {
            changed.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
            return next(socket, (const struct sockaddr *)&changed, sizeof changed);
        }
    }
    if (address->sa_family == AF_INET6 && length >= sizeof(struct sockaddr_in6)) {
        struct sockaddr_in6 changed;
        memcpy(&changed, address, sizeof changed);
        if (memcmp(&changed.sin6_addr, &in6addr_any, sizeof in6addr_any) == 0) {
            /* A socket of IPv6 that takes IPv4 too. */
            inet_pton(AF_INET6, "::ffff:127.0.0.1", &changed.sin6_addr);
            return next(socket, (const struct sockaddr *)&changed, sizeof changed);
        }
    }
    return next(socket, address, length);
}
