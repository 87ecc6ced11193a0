/* SPDX-License-Identifier: BSD-2-Clause */
/* run_demo.h - the eight steps on two hosts: a core on one, a UE on the other.
 *
 * The hosts are two network namespaces joined by a veth pair, with real
 * sockets and a real IPsec back-end; or two hosts on a wire in memory, where
 * nothing else is allowed.  Every message is checked as it arrives
 * (explain_steps.h).  Nothing outlives the demo: namespaces have no names and
 * go with the process, however it ends.
 */
#ifndef IMS_RUN_DEMO_H
#define IMS_RUN_DEMO_H

#include "cap_pcapng.h"
#include "explain_steps.h"
#include "io_probe.h"
#include "run.h"
#include "ue.h"

enum ims_demo_wire {
	IMS_DEMO_AUTO, /* namespaces if allowed, else memory */
	IMS_DEMO_NAMESPACE,
	IMS_DEMO_MEMORY
};
/* SEED: REGISTERs over TCP, everything else over UDP. */
enum ims_demo_transport { IMS_DEMO_SEED, IMS_DEMO_UDP, IMS_DEMO_TCP };

struct ims_demo_conf {
	enum ims_demo_wire wire;
	enum ims_demo_transport transport;
	unsigned family; /* 6 or 4 */
	bool one_suite;  /* offer only this pair; else those of the seed */
	struct ims_ipsec_suite suite;
	enum ims_io_ipsec ipsec;
	enum ims_ue_offer offer;
	uint32_t timeout_ms;
	const struct ims_trace *trace;
	struct ims_rand rnd;
};
void ims_demo_conf_default(struct ims_demo_conf *c);

/* What the demo shows while it goes on; every member may be NULL. */
struct ims_demo_eye {
	/* Before the first message: where it runs, which back-end and why. */
	void (*begins)(void *arg, bool in_memory, const char *ipsec,
		       const char *text);
	/* A message arrived at its receiver. */
	void (*message)(void *arg, unsigned number, const struct ims_sight *m,
			const struct ims_step *step,
			const struct ims_secagree *agreed, uint64_t wall_ms);
	/* What the roles say. */
	void (*told)(void *arg, enum ims_who who, const struct ims_act *tell);
	void *arg;
};

struct ims_demo_result {
	bool ok;       /* all eight steps were seen, each checked good */
	int err;       /* 0 or -IMS_E_... */
	char why[300]; /* what failed, or "" */
	unsigned messages;
	bool has_set;
	struct ims_ipsec_set set; /* the P-CSCF's; keys wiped */
	struct ims_ipsec_count count[IMS_N_ARROWS]; /* at the P-CSCF */
	struct ims_capture *capture;                /* the caller frees it */
};
/* Runs it to the end.  Returns result->err. */
int ims_demo_run(const struct ims_demo_conf *conf,
		 const struct ims_demo_eye *eye, struct ims_demo_result *out);

/* The subscriber and the identities of the seed, with these addresses. */
void ims_demo_ue_conf(const struct ims_demo_conf *conf,
		      struct ims_ue_conf *out);
#define IMS_DEMO_IMSI "001010123456789"

#endif
