/* SPDX-License-Identifier: BSD-2-Clause */
/* net_lab.h - two hosts in two network namespaces, joined by a wire, in one
 * process: what the tests of real sockets and real ESP stand on.
 */
#ifndef IMS_TEST_LAB_H
#define IMS_TEST_LAB_H

#include "test.h"

#include "io_capture.h"
#include "io_host.h"
#include "io_link.h"
#include "io_netns.h"

enum { UE, NET };

/* What one host has heard. */
struct heard {
	unsigned messages, unsent, dropped, gone;
	unsigned dropped_as[64]; /* by IMS_E_... */
	struct ims_flow flow;    /* of the last one */
	char bytes[65536];
	size_t n;
	uint32_t ref;
	uint32_t gone_set; /* the last one */
	struct ims_flaw why;
};

struct lab {
	struct ims_io_loop *loop;
	int ns[2];
	struct ims_ip ip[2];
	struct ims_host *host[2];
	struct heard heard[2];
	struct ims_flaw flaw;
	uint64_t chance;
};

#define PORT_UC 38003
#define PORT_US 39003
#define PORT_PC 50717
#define PORT_PS 50718

/* Can this be done here at all?  Says why not. */
bool lab_possible(void);
/* The back-end asked for by $IMS_NET_IPSEC: "userspace" unless given. */
enum ims_io_ipsec lab_ipsec(void);
void lab_up(struct lab *lab, int family);
void lab_down(struct lab *lab);
/* A host of the test's own making. */
int lab_host(struct lab *lab, int who, enum ims_io_ipsec ipsec);
/* Holds the network's two protected ports. */
void lab_hold(struct lab *lab);
/* The set as this side sees it. */
struct ims_ipsec_set lab_set(const struct lab *lab, int who, uint32_t id,
			     struct ims_ipsec_suite suite);
/* On both sides. */
void lab_secure(struct lab *lab, uint32_t id, struct ims_ipsec_suite suite);
/* The same, for life_s seconds. */
void lab_secure_for(struct lab *lab, uint32_t id, struct ims_ipsec_suite suite,
		    uint32_t life_s);
struct ims_flow lab_flow(const struct lab *lab, int who, uint16_t local,
			 uint16_t remote, enum ims_transport t, uint32_t set);
struct ims_addr lab_addr(const struct lab *lab, int who, uint16_t port);
/* A message with a body of n bytes; the caller frees it. */
struct ims_str lab_text(size_t n, const char *tag);
/* Sends, and waits until the other has it. */
void lab_pass(struct lab *lab, int from, const struct ims_flow *f,
	      struct ims_str text);
/* Runs the loop until *count has reached `want`; false: not in time. */
bool lab_wait(struct lab *lab, const unsigned *count, unsigned want,
	      unsigned ms);
/* What a command prints in a namespace; the caller frees it. */
char *lab_shell(struct lab *lab, int who, const char *command);
/* A plain socket in a namespace, bound to an address there (port 0: any). */
int lab_socket(struct lab *lab, int who, int type, struct ims_addr local);

#endif
