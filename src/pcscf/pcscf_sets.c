/* SPDX-License-Identifier: BSD-2-Clause */
/* pcscf_sets.c - the life of SA sets: temporary, new, in use, old.
 *
 * Spec: TS 24.229 5.2.2; TS 33.203 7.4.
 */
#include <stdlib.h>

#include "pcscf_priv.h"

/* How long what is on its way may still take: 64*T1. */
static uint64_t transit(const struct ims_pcscf *p)
{
	return 64 * (uint64_t)p->conf.timers_gm.t1_ms;
}

struct ims_pcscf_set *ims_pcscf_set_by_id(const struct ims_pcscf *p,
					  uint32_t id)
{
	struct ims_map_node *n = id ? ims_map_first(&p->set_id, id) : NULL;

	return n ? ims_container(n, struct ims_pcscf_set, id_node) : NULL;
}

static uint32_t tuple_hash(const struct ims_pcscf *p, struct ims_addr ue,
			   uint16_t port)
{
	return ims_addr_hash(ue, p->seed ^ port);
}

static bool is_at(const struct ims_ipsec_sa *to_us, struct ims_addr ue,
		  uint16_t port)
{
	return ims_addr_eq(to_us->src, ue) && to_us->dst.port == port;
}

struct ims_pcscf_set *ims_pcscf_set_at(const struct ims_pcscf *p,
				       struct ims_addr ue, uint16_t port)
{
	uint32_t hash = tuple_hash(p, ue, port);
	struct ims_map_node *n = ims_map_first(&p->set_uc, hash);
	struct ims_pcscf_set *s;

	for (; n; n = ims_map_next(n, hash)) {
		s = ims_container(n, struct ims_pcscf_set, uc_node);
		if (is_at(&s->sas.sa[IMS_UC_TO_PS], ue, port))
			return s;
	}
	for (n = ims_map_first(&p->set_us, hash); n;
	     n = ims_map_next(n, hash)) {
		s = ims_container(n, struct ims_pcscf_set, us_node);
		if (is_at(&s->sas.sa[IMS_US_TO_PC], ue, port))
			return s;
	}
	return NULL;
}

/* Who has an IPv6 address has all of its /64.  Two that share a bucket share
 * the limit; which ones do, nobody can know from outside.
 */
static size_t bucket(const struct ims_pcscf *p, struct ims_ip from)
{
	if (from.family == 6)
		from = ims_ip_from((uint8_t[16]){from.b[0], from.b[1],
						 from.b[2], from.b[3],
						 from.b[4], from.b[5],
						 from.b[6], from.b[7]},
				   16);
	return ims_addr_hash((struct ims_addr){.ip = from}, p->seed) %
	       IMS_PCSCF_SOURCES;
}

bool ims_pcscf_may_pend(const struct ims_pcscf *p, struct ims_ip from)
{
	return p->n_pending < p->conf.max_pending &&
	       p->pending_from[bucket(p, from)] < p->conf.max_pending_source;
}

static void begin_pending(struct ims_pcscf *p, const struct ims_pcscf_set *s)
{
	p->n_pending++;
	p->pending_from[bucket(p, s->ue->ip)]++;
}

static void end_pending(struct ims_pcscf *p, const struct ims_pcscf_set *s)
{
	p->n_pending--;
	p->pending_from[bucket(p, s->ue->ip)]--;
}

void ims_pcscf_set_link(struct ims_pcscf *p, struct ims_pcscf_ue *ue,
			struct ims_pcscf_set *s)
{
	const struct ims_ipsec_sa *uc = &s->sas.sa[IMS_UC_TO_PS];
	const struct ims_ipsec_sa *us = &s->sas.sa[IMS_US_TO_PC];

	s->ue = ue;
	s->next = ue->sets;
	ue->sets = s;
	s->life = IMS_SET_PENDING;
	begin_pending(p, s);
	ims_map_add(&p->set_id, &s->id_node, s->sas.id);
	ims_map_add(&p->set_uc, &s->uc_node,
		    tuple_hash(p, uc->src, uc->dst.port));
	ims_map_add(&p->set_us, &s->us_node,
		    tuple_hash(p, us->src, us->dst.port));
}

static void set_life(struct ims_pcscf *p, struct ims_pcscf_set *s,
		     enum ims_pcscf_life life)
{
	if (s->life == IMS_SET_PENDING && life != IMS_SET_PENDING)
		end_pending(p, s);
	s->life = life;
}

/* A set in use gives way to its successor before it ends. */
static void arm(struct ims_pcscf *p, struct ims_pcscf_set *s)
{
	uint64_t at = s->end_at;

	if (s->life == IMS_SET_IN_USE && ims_pcscf_set_of(s->ue, IMS_SET_NEW))
		at = at > transit(p) ? at - transit(p) : 0;
	/* it has had a place in the heap since it was made */
	(void)ims_heap_set(&p->due, &s->due, at);
}

void ims_pcscf_set_end_at(struct ims_pcscf *p, struct ims_pcscf_set *s,
			  uint64_t at_ms)
{
	s->end_at = at_ms;
	arm(p, s);
}

static void unlink_set(struct ims_pcscf_set *s)
{
	struct ims_pcscf_set **at = &s->ue->sets;

	while (*at != s)
		at = &(*at)->next;
	*at = s->next;
}

void ims_pcscf_set_drop(struct ims_pcscf *p, struct ims_pcscf_set *s)
{
	if (!s->refused)
		ims_acts_sa_del(&p->acts, s->sas.id);
	if (s->installed)
		p->n_installed--;
	if (s->life == IMS_SET_PENDING)
		end_pending(p, s);
	ims_heap_cancel(&p->due, &s->due);
	ims_map_del(&p->set_id, &s->id_node);
	ims_map_del(&p->set_uc, &s->uc_node);
	ims_map_del(&p->set_us, &s->us_node);
	ims_spi_pool_give(&p->spis, s->sas.sa[IMS_UC_TO_PS].spi);
	ims_spi_pool_give(&p->spis, s->sas.sa[IMS_US_TO_PC].spi);
	unlink_set(s);
	free(s->client);
	free(s->server);
	free(s);
}

void ims_pcscf_set_die(struct ims_pcscf *p, struct ims_pcscf_set *s,
		       enum ims_transport transport, uint64_t now_ms)
{
	uint64_t wait =
		transport == IMS_UDP ? transit(p) : p->conf.timers_gm.t4_ms;

	if (s->life == IMS_SET_DYING)
		return;
	set_life(p, s, IMS_SET_DYING);
	s->latest = now_ms + 4 * transit(p);
	ims_pcscf_set_end_at(p, s, now_ms + wait);
}

struct ims_pcscf_set *ims_pcscf_set_of(const struct ims_pcscf_ue *ue,
				       enum ims_pcscf_life life)
{
	struct ims_pcscf_set *s = ue->sets;

	while (s && s->life != life)
		s = s->next;
	return s;
}

struct ims_pcscf_set *ims_pcscf_set_to(const struct ims_pcscf_ue *ue)
{
	static const enum ims_pcscf_life order[] = {IMS_SET_IN_USE, IMS_SET_NEW,
						    IMS_SET_OLD, IMS_SET_DYING};

	for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++) {
		struct ims_pcscf_set *s = ims_pcscf_set_of(ue, order[i]);

		if (s && s->proven)
			return s;
	}
	return NULL;
}

bool ims_pcscf_set_established(const struct ims_pcscf_set *s)
{
	return s->life == IMS_SET_NEW || s->life == IMS_SET_IN_USE ||
	       s->life == IMS_SET_OLD;
}

/* The newly established set takes over. */
static void take_over(struct ims_pcscf *p, struct ims_pcscf_set *s)
{
	struct ims_pcscf_set *before = ims_pcscf_set_of(s->ue, IMS_SET_IN_USE);

	set_life(p, s, IMS_SET_IN_USE);
	arm(p, s);
	if (before) {
		set_life(p, before, IMS_SET_OLD);
		arm(p, before);
	}
}

void ims_pcscf_set_heard(struct ims_pcscf *p, struct ims_pcscf_set *s,
			 uint64_t now_ms)
{
	struct ims_pcscf_set *before;

	if (s->life != IMS_SET_NEW)
		return;
	before = ims_pcscf_set_of(s->ue, IMS_SET_IN_USE);
	take_over(p, s);
	if (before && before->end_at > now_ms + transit(p))
		ims_pcscf_set_end_at(p, before, now_ms + transit(p));
}

static void drop_others(struct ims_pcscf *p, struct ims_pcscf_set *s,
			const struct ims_pcscf_set *kept)
{
	struct ims_pcscf_set *o, *next;

	for (o = s->ue->sets; o; o = next) {
		next = o->next;
		if (o != s && o != kept)
			ims_pcscf_set_drop(p, o);
	}
}

void ims_pcscf_set_prove(struct ims_pcscf *p, struct ims_pcscf_set *s,
			 uint64_t end_at_ms)
{
	struct ims_pcscf_set *before =
		s->initial ? NULL : ims_pcscf_set_by_id(p, s->began_on);

	s->proven = true;
	if (before &&
	    (before->ue != s->ue || !ims_pcscf_set_established(before)))
		before = NULL;
	drop_others(p, s, before);
	if (before && before->end_at > end_at_ms)
		end_at_ms = before->end_at;
	set_life(p, s, before ? IMS_SET_NEW : IMS_SET_IN_USE);
	ims_pcscf_set_end_at(p, s, end_at_ms);
	if (before) {
		set_life(p, before, IMS_SET_IN_USE);
		arm(p, before);
	}
}

/* What is on its way when a set ends may still arrive; but nobody keeps a set,
 * and with it his registration, by going on talking.
 */
static uint64_t latest(const struct ims_pcscf *p, const struct ims_pcscf_set *s)
{
	return s->life == IMS_SET_DYING ? s->latest : s->end_at + transit(p);
}

void ims_pcscf_set_due(struct ims_pcscf *p, struct ims_pcscf_set *s,
		       uint64_t now_ms)
{
	struct ims_pcscf_ue *ue = s->ue;
	struct ims_pcscf_set *new_one = ims_pcscf_set_of(ue, IMS_SET_NEW);

	if (s->life == IMS_SET_IN_USE && new_one && now_ms < s->end_at) {
		take_over(p, new_one);
		return;
	}
	if (ims_txns_uses_set(&p->txns, s->sas.id) && now_ms < latest(p, s)) {
		(void)ims_heap_set(&p->due, &s->due,
				   now_ms + p->conf.timers_gm.t1_ms);
		return;
	}
	if (s->life == IMS_SET_PENDING) {
		ims_acts_tell(&p->acts, IMS_TELL_PROBLEM, -IMS_E_SILENCE,
			      s->sas.id,
			      "%s did not answer the challenge inside ESP",
			      ue->impi);
		ims_pcscf_set_drop(p, s);
		ims_pcscf_reg_fail(p, ue,
				   &(struct ims_pcscf_reg_ev){.now_ms =
								      now_ms});
		return;
	}
	ims_pcscf_set_drop(p, s);
	ims_pcscf_ue_settle(p, ue, now_ms);
}
