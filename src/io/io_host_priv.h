/* SPDX-License-Identifier: BSD-2-Clause */
/* io_host_priv.h - the inside of a host: its ports and connections.
 *
 * A callback upwards may close the very port or connection whose event is
 * being handled.  So both are only unlinked when they are closed (`gone`), and
 * freed in the next turn of the loop.  What is to be told about a call that
 * has returned waits as a notice for that turn, too.
 */
#ifndef IMS_IO_HOST_PRIV_H
#define IMS_IO_HOST_PRIV_H

#include "base_list.h"
#include "base_map.h"
#include "io_host.h"
#include "io_sock.h"
#include "ipsec_table.h"

#define IMS_IO_READ_MAX 65536

struct ims_io_host {
	struct ims_host h;
	struct ims_io_loop *loop;
	struct ims_io_host_conf conf;
	struct ims_ipsec_backend *backend; /* NULL: none */
	struct ims_ipsec_table table;
	struct ims_map ports;
	struct ims_map conn_by_id, conn_by_pair, conn_by_peer;
	/* Oldest first.  New ones have not yet brought a message: they give
	 * way first.
	 */
	struct ims_list conns_new, conns_old;
	struct ims_list dead_ports, dead_conns, notices;
	struct ims_io_timer later, count_clear;
	struct ims_io_host_stats stats;
	uint32_t last_conn;
	char in[IMS_IO_READ_MAX]; /* what was read, for one callback */
};

/* A local port in use. */
struct ims_io_port {
	struct ims_map_node node;
	struct ims_list dead;
	struct ims_io_host *host;
	struct ims_addr addr;
	unsigned users;
	bool is_protected, gone;
	int udp, tcp; /* -1: none */
	/* Beside sockets that are bound to the back-end's device: what comes
	 * in clear ends here.  The TCP one is deaf.
	 */
	int clear_udp, clear_tcp;
	uint32_t clear_seen;
	struct ims_io_watch *watch_udp, *watch_tcp, *watch_clear;
	struct ims_io_timer again; /* accepts again, after too many files */
};
/* NULL: not held. */
struct ims_io_port *ims_io_port_find(struct ims_io_host *h, uint16_t port);
/* One more user; tcp: with a listener. */
int ims_io_port_hold(struct ims_io_host *h, struct ims_addr local,
		     bool is_protected, bool tcp, struct ims_flaw *why);
void ims_io_port_release(struct ims_io_host *h, struct ims_addr local);
void ims_io_port_close(struct ims_io_port *p);
/* Counts what the deaf sockets have dropped. */
void ims_io_port_count_clear(void *host);

/* Bytes waiting for a connection. */
struct ims_io_chunk {
	struct ims_list node;
	uint32_t ref;
	bool request;
	size_t n, at;
	char bytes[];
};

#define IMS_IO_REFS 8

struct ims_io_conn {
	struct ims_map_node by_id, by_pair, by_peer;
	struct ims_list node; /* in conns_new, conns_old or dead_conns */
	struct ims_io_host *host;
	struct ims_flow flow; /* addresses, conn, set */
	int fd;
	struct ims_io_watch *watch;
	struct ims_io_timer timer;
	bool accepted, up, gone, proven; /* proven: a message came */
	char *in;                        /* the beginning of a message */
	size_t n_in, cap_in;
	unsigned n_tries;     /* to find its end */
	uint64_t since_ms;    /* its first byte came; else the last activity */
	uint64_t progress_ms; /* the peer last took bytes */
	struct ims_list out;
	size_t queued; /* bytes that wait, and what their chunks cost */
	/* Requests that went out last: told of if the connection breaks. */
	uint32_t refs[IMS_IO_REFS];
	unsigned n_refs;
};
/* fd becomes the connection's, also on failure. */
int ims_io_conn_new(struct ims_io_host *h, int fd, const struct ims_flow *flow,
		    bool accepted, struct ims_io_conn **out);
struct ims_io_conn *ims_io_conn_by_pair(struct ims_io_host *h,
					struct ims_addr local,
					struct ims_addr remote);
/* By its number, else by its addresses (local port 0: any). */
struct ims_io_conn *ims_io_conn_find(struct ims_io_host *h,
				     const struct ims_flow *f);
size_t ims_io_conn_of_peer(struct ims_io_host *h, struct ims_ip peer);
/* Closes the one that has been idle longest; false: all are protected. */
bool ims_io_conn_evict(struct ims_io_host *h);
/* err 0: in order; else what waited, and asked, is told to be unsent. */
void ims_io_conn_close(struct ims_io_conn *c, int err, const char *why);
void ims_io_conn_free(struct ims_io_conn *c); /* one that is gone */
/* Sets the next time limit. */
void ims_io_conn_arm(struct ims_io_conn *c);

int ims_io_conn_send(struct ims_io_host *h, const struct ims_flow *flow,
		     struct ims_str bytes, uint32_t ref, struct ims_flaw *why);
/* As far as the peer takes them. */
void ims_io_conn_write(struct ims_io_conn *c);
int ims_io_conn_queue(struct ims_io_conn *c, struct ims_str bytes,
		      uint32_t ref);

/* unsent, in the next turn. */
void ims_io_host_unsent(struct ims_io_host *h, const struct ims_flow *flow,
			uint32_t ref, int err, const char *why);
void ims_io_host_dropped(struct ims_io_host *h, const struct ims_flow *flow,
			 int err);
/* Frees the dead in the next turn. */
void ims_io_host_later(struct ims_io_host *h);

#endif
