/* SPDX-License-Identifier: BSD-2-Clause */
/* cap_priv.h - what a capture gathers. */
#ifndef IMS_CAP_PRIV_H
#define IMS_CAP_PRIV_H

#include "base_list.h"
#include "cap_pcapng.h"

#include <stdio.h>

#define CAP_BLOCK 262144

struct cap_packet {
	struct ims_list node;
	uint64_t ns;
	size_t n;
	uint8_t b[];
};
struct cap_name {
	struct ims_list node;
	struct ims_ip ip;
	char name[64];
};
struct cap_set {
	struct ims_list node;
	struct ims_ipsec_set set;          /* secret */
	struct ims_esp *esp[IMS_N_ARROWS]; /* made when first needed */
};
/* A message that a comment names; used once. */
struct cap_message {
	struct ims_list node;
	char start[512]; /* enough to tell two messages apart */
	size_t n;
	char comment[160];
	bool used;
};
struct ims_capture {
	enum ims_link link;
	char ifname[32], app[64];
	struct ims_list packets, names, sets, messages;
	size_t n_packets;
};
struct cap_sink {
	int (*put)(void *arg, const void *p, size_t n);
	void *arg;
};

/* cap_comment.c: what to say of a packet, or NULL. */
const char *ims_cap_comment(struct ims_capture *c, const struct cap_packet *k);
void ims_cap_close_esp(struct cap_set *s);

#endif
