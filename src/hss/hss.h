/* SPDX-License-Identifier: BSD-2-Clause */
/* hss.h - subscribers, and the vectors made of their keys.
 *
 * Answers the Cx requests of role_cx.h from a store.  The store does the I/O
 * (io_sqlite) or none (hss_mem); the SQN of a vector is in the store before
 * the vector is given out.
 */
#ifndef IMS_HSS_H
#define IMS_HSS_H

#include "aka_sqn.h"
#include "crypto.h"
#include "role_cx.h"

struct ims_sub {
	char imsi[16];
	char impi[IMS_ID_MAX];
	struct ims_aka_key key; /* secret */
	uint8_t amf[2];         /* 8000 */
	uint64_t sqn;           /* of the last vector; 0: none yet */
	bool fixed_sqn;         /* next vector takes `sqn` as it is: test use */
	bool barred;
	struct ims_cx_impu
		impu[IMS_IMPU_MAX]; /* of each set the default first */
	size_t n_impus;
};
void ims_sub_wipe(struct ims_sub *s);

struct ims_hss_store;
struct ims_hss_store_ops {
	/* By IMPI; 0, -IMS_E_NOTFOUND, -IMS_E_STORE. */
	int (*get)(struct ims_hss_store *s, struct ims_str impi,
		   struct ims_sub *out);
	int (*get_imsi)(struct ims_hss_store *s, struct ims_str imsi,
			struct ims_sub *out);
	int (*add)(struct ims_hss_store *s,
		   const struct ims_sub *sub); /* -IMS_E_EXISTS */
	int (*set)(struct ims_hss_store *s,
		   const struct ims_sub *sub); /* by imsi */
	int (*set_sqn)(struct ims_hss_store *s, struct ims_str impi,
		       uint64_t sqn);
	int (*del)(struct ims_hss_store *s, struct ims_str imsi);
	/* All, in order of IMSI; stops when each returns non-zero. */
	int (*list)(struct ims_hss_store *s,
		    int (*each)(void *arg, const struct ims_sub *sub),
		    void *arg);
	void (*free)(struct ims_hss_store *s);
	const char *(*why)(
		struct ims_hss_store *s); /* text of the last failure */
};
struct ims_hss_store {
	const struct ims_hss_store_ops *ops;
};
/* A store in memory. NULL: no memory. */
struct ims_hss_store *ims_hss_mem_new(void);

struct ims_hss {
	struct ims_hss_store *store; /* borrowed */
	struct ims_sqn_scheme scheme;
	struct ims_rand rnd;
	/* Test use: the RAND of the next vector, once. */
	bool has_rand;
	uint8_t rand[16];
};
/* wall_ms: milliseconds since 1970, for time-based SQN. */
void ims_hss_answer(struct ims_hss *h, const struct ims_cx_req *req,
		    uint64_t wall_ms, struct ims_cx_ans *out);

#endif
