/* SPDX-License-Identifier: BSD-2-Clause */
/* conform.h - conformance tests of a UE, as scripts.
 *
 * A test is a core that is set up in some way (and made to do something wrong
 * by inject.h), and a list of what the UE under test must then send, in which
 * order, within which time, with which contents.  This module looks on and
 * judges; it changes nothing:
 *
 *	c = ims_conform_new(ims_conform_find(id), 300, now);
 *	every message on Gm:  ims_conform_seen(c, ...)
 *	at ims_conform_due(): ims_conform_tick(c, now)
 *	after both:           ims_conform_take (lines), _order, _verdict
 *
 * Spec: TS 34.229-1 8, 9, 10, 11; the TAHI IMS-UE suite; TS 24.229 5.1.1.
 */
#ifndef IMS_CONFORM_H
#define IMS_CONFORM_H

#include "base_buf.h"
#include "base_flow.h"
#include "base_heap.h"

/* How the core must be set up; 0 and NULL: as it is by itself. */
struct ims_conform_conf {
	uint32_t expires_max, expires_min;
	bool reauth;
	const char *inject; /* cases, with commas */
	const char *alg, *ealg;
};

struct conform_step;
struct ims_conform_test {
	const char *id, *title, *clause;
	const char *also; /* other names of it, with commas, or NULL */
	struct ims_conform_conf conf;
	const char *prompt; /* what the tester has to do, or NULL */
	const struct conform_step *steps;
	size_t n_steps;
};
const struct ims_conform_test *ims_conform_tests(size_t *n);
/* By id or another of its names; NULL. */
const struct ims_conform_test *ims_conform_find(struct ims_str id);

/* A case of the standards that no test here plays, and why. */
struct ims_conform_left {
	const char *id, *title, *why;
};
const struct ims_conform_left *ims_conform_left(struct ims_str id); /* NULL */
/* All of them, for people: id, title, clause, and what is expected. */
void ims_conform_list(struct ims_buf *b);
/* docs/CONFORMANCE.md. */
void ims_conform_doc(struct ims_buf *b);

enum ims_conform_verdict {
	IMS_CONFORM_RUNS,
	IMS_CONFORM_PASS,
	IMS_CONFORM_FAIL,
	IMS_CONFORM_NOBODY, /* the UE never came */
};

struct ims_conform;
/* wait_s: how long the first message may take.  NULL: no memory. */
struct ims_conform *ims_conform_new(const struct ims_conform_test *t,
				    uint32_t wait_s, uint64_t now_ms);
void ims_conform_free(struct ims_conform *c);
/* A message as it came from, or left for, the UE. */
void ims_conform_seen(struct ims_conform *c, bool from_ue,
		      const struct ims_flow *flow, struct ims_str bytes,
		      uint64_t now_ms);
void ims_conform_tick(struct ims_conform *c, uint64_t now_ms);
uint64_t ims_conform_due(const struct ims_conform *c);
enum ims_conform_verdict ims_conform_verdict(const struct ims_conform *c);
/* The lines since the last call: "pass  ..." and "FAIL  ..."; valid until the
 * next call of anything here.
 */
struct ims_str ims_conform_take(struct ims_conform *c);

/* What the core is to do now, once. */
enum ims_conform_order {
	IMS_CONFORM_NOTHING,
	IMS_CONFORM_REJECT,
	IMS_CONFORM_DEACTIVATE,
	IMS_CONFORM_REAUTH,
};
enum ims_conform_order ims_conform_order(struct ims_conform *c);
/* How much of the registration that order leaves (reauth). */
uint32_t ims_conform_order_s(const struct ims_conform *c);
/* The identity that it is about: the To of the last REGISTER. */
const char *ims_conform_impu(const struct ims_conform *c);

#endif
