/* SPDX-License-Identifier: BSD-2-Clause */
/* pcscf_make.c - a new SA set: SPIs and ports of ours, keys from the core.
 *
 * CK and IK are seen here and in the answer they came in, nowhere else.
 *
 * Spec: TS 33.203 7.1, 7.2; TS 24.229 5.2.2.
 */
#include <stdlib.h>

#include "base_mem.h"
#include "pcscf_priv.h"

/* Pair, ports and SPIs out of the UE's offer. */
static int read_offer(const struct ims_pcscf *p, const struct ims_pcscf_ue *ue,
		      struct ims_secagree *out, struct ims_flaw *why)
{
	struct ims_sip_sec list[IMS_SIP_SEC_MAX];
	size_t n;
	int err = ims_sip_sec_list(ims_str(ue->offer), list, IMS_SIP_SEC_MAX,
				   &n, why);

	if (!err)
		err = ims_secagree_pick(&p->conf.policy, list, n, &out->suite,
					&out->ue, why);
	out->ue.ip = ue->ip;
	return err;
}

static struct ims_addr at(struct ims_ip ip, uint16_t port)
{
	return (struct ims_addr){.ip = ip, .port = port};
}

/* Do ports or SPIs of an offer meet those of a living set? */
static bool meets(const struct ims_pcscf_set *s,
		  const struct ims_secagree_end *ue)
{
	return s->sas.sa[IMS_UC_TO_PS].src.port == ue->port_c ||
	       ims_pcscf_same_spi(s, ue->spi_c) ||
	       ims_pcscf_same_spi(s, ue->spi_s);
}

/* Inside a set the UE has to choose new ones, and port_ps stays [33.203 7.1,
 * 7.4].
 */
static int keep_port_ps(const struct ims_pcscf_ue *ue,
			const struct ims_pcscf_set *over,
			const struct ims_secagree_end *end, uint16_t *out,
			struct ims_flaw *why)
{
	for (const struct ims_pcscf_set *s = ue->sets; s; s = s->next)
		if (meets(s, end))
			return ims_flaw(why, -IMS_E_SEC_PARAM,
					"port-c or an SPI of a living set is "
					"offered again");
	*out = over->sas.sa[IMS_UC_TO_PS].dst.port;
	return 0;
}

/* Those of which nothing more is wanted but what is on its way; and, for a UE
 * that comes over the one in use, the successor that it has not used: once it
 * has proven itself there, that one goes anyway [33.203 7.4].
 */
static bool gives_way(const struct ims_pcscf_set *s,
		      const struct ims_pcscf_set *over)
{
	if (s->life == IMS_SET_DYING)
		return true;
	return over &&
	       (s->life == IMS_SET_OLD ||
		(s->life == IMS_SET_NEW && over->life == IMS_SET_IN_USE));
}

/* A UE that was started anew may come with the port_uc it had.  Its old set
 * stays until it has proven who it is [T12]; so the new one is with another
 * port of ours.
 */
static int choose_port_ps(struct ims_pcscf *p, struct ims_pcscf_ue *ue,
			  const struct ims_secagree_end *end, uint16_t *out,
			  struct ims_flaw *why)
{
	const uint16_t port[] = {p->conf.port_ps, p->conf.port_ps2};
	struct ims_addr uc = at(end->ip, end->port_c);
	struct ims_pcscf_set *there;

	for (size_t i = 0; i < sizeof(port) / sizeof(*port); i++) {
		if (!port[i])
			continue;
		there = ims_pcscf_set_at(p, uc, port[i]);
		if (there && there->ue == ue && gives_way(there, NULL)) {
			ims_pcscf_set_drop(p, there);
			there = NULL;
		}
		*out = port[i];
		if (!there)
			return 0;
	}
	return ims_flaw(why, -IMS_E_SEC_PARAM,
			"port-c=%u is in use there, by this user or another",
			end->port_c);
}

/* One more would be too many: of those that only wait for what is on their way
 * the oldest goes.  More than that cannot stand before a challenge is made.
 */
static int make_room(struct ims_pcscf *p, struct ims_pcscf_ue *ue,
		     struct ims_flaw *why)
{
	struct ims_pcscf_set *s, *oldest = NULL;
	size_t n = 0;

	for (s = ue->sets; s; s = s->next, n++)
		if (s->life == IMS_SET_DYING)
			oldest = s;
	if (n < IMS_PCSCF_SETS)
		return 0;
	if (!oldest)
		return ims_flaw(why, -IMS_E_NO_SPI,
				"it has %zu SA sets already", n);
	ims_pcscf_set_drop(p, oldest);
	return make_room(p, ue, why);
}

static int choose_port(const struct ims_pcscf *p,
		       const struct ims_secagree_end *ue, uint16_t *out)
{
	struct ims_addr us = at(ue->ip, ue->port_s);

	for (size_t i = 0; i < p->conf.n_port_pc; i++) {
		if (ims_pcscf_set_at(p, us, p->conf.port_pc[i]))
			continue;
		*out = p->conf.port_pc[i];
		return 0;
	}
	return -IMS_E_NO_SPI;
}

/* A set that was replaced, or never taken into use, ends early when its port_pc
 * is wanted inside SAs: who renews often, or has lost the newest, would run out
 * of them else.
 */
static int free_port(struct ims_pcscf *p, struct ims_pcscf_ue *ue,
		     const struct ims_pcscf_set *over,
		     const struct ims_secagree_end *end, uint16_t *out)
{
	struct ims_pcscf_set *s, *next;
	int err = choose_port(p, end, out);

	for (s = ue->sets; err && s; s = next) {
		next = s->next;
		if (s == over || !gives_way(s, over))
			continue; /* in use, or the answer goes there */
		ims_pcscf_set_drop(p, s);
		err = choose_port(p, end, out);
	}
	return err;
}

/* over: what a re-authentication comes over, else NULL. */
static int choose(struct ims_pcscf *p, struct ims_pcscf_ue *ue,
		  const struct ims_pcscf_set *over, struct ims_secagree *a,
		  struct ims_flaw *why)
{
	struct ims_secagree_end *me = &a->pcscf;
	uint32_t avoid[2] = {a->ue.spi_c, a->ue.spi_s};
	int err;

	me->ip = p->conf.gm.ip;
	err = over ? keep_port_ps(ue, over, &a->ue, &me->port_s, why)
		   : choose_port_ps(p, ue, &a->ue, &me->port_s, why);
	if (err)
		return err;
	err = free_port(p, ue, over, &a->ue, &me->port_c);
	if (err && !over)
		ims_pcscf_doubt_port(p, ue, p->now_ms);
	if (err)
		return ims_flaw(
			why, -IMS_E_NO_SPI,
			"every port_pc is taken for port-s=%u there, and "
			"it may come again when a set has ended; with "
			"one port_pc more it would not have to",
			a->ue.port_s);
	err = ims_spi_pool_take(&p->spis, avoid, 2, &me->spi_c);
	if (err)
		return ims_flaw(why, err, "no SPI");
	err = ims_spi_pool_take(&p->spis, avoid, 2, &me->spi_s);
	if (err) {
		ims_spi_pool_give(&p->spis, me->spi_c);
		return ims_flaw(why, err, "no SPI");
	}
	return 0;
}

static int write_server(struct ims_pcscf_set *s, const struct ims_secagree *a)
{
	struct ims_sip_sec sec = ims_secagree_answer(a->suite, &a->pcscf);
	struct ims_buf b;
	char mem[256];

	ims_buf_init(&b, mem, sizeof(mem));
	ims_sip_sec_put(&b, &sec, (struct ims_sip_sec_style){.q_last = true});
	return b.over ? -IMS_E_TOOBIG
		      : ims_pcscf_text(&s->server, ims_buf_str(&b));
}

static void tell(struct ims_pcscf *p, const struct ims_pcscf_ue *ue,
		 const struct ims_pcscf_set *s)
{
	const struct ims_ipsec_sa *sa = s->sas.sa;
	char suite[IMS_SUITE_TEXT];

	ims_acts_tell(
		&p->acts, IMS_TELL_AGREED, 0, s->sas.id,
		"%s %s spi_uc=%u spi_us=%u spi_pc=%u spi_ps=%u port_uc=%u "
		"port_us=%u port_pc=%u port_ps=%u",
		ue->impi, ims_ipsec_suite_text(s->sas.suite, suite),
		sa[IMS_PS_TO_UC].spi, sa[IMS_PC_TO_US].spi,
		sa[IMS_US_TO_PC].spi, sa[IMS_UC_TO_PS].spi,
		sa[IMS_UC_TO_PS].src.port, sa[IMS_US_TO_PC].src.port,
		sa[IMS_US_TO_PC].dst.port, sa[IMS_UC_TO_PS].dst.port);
}

static uint32_t fresh_id(struct ims_pcscf *p)
{
	do {
		p->last_set++;
	} while (!p->last_set || ims_pcscf_set_by_id(p, p->last_set));
	return p->last_set;
}

/* Queues the keys, and forgets them. */
static int install(struct ims_pcscf *p, struct ims_pcscf_ue *ue,
		   struct ims_pcscf_set *s, const struct ims_secagree *a)
{
	int err = write_server(s, a);

	if (!err)
		err = ims_pcscf_text(&s->client, ims_str(ue->offer));
	s->due.kind = IMS_DUE_SET;
	if (!err)
		err = ims_heap_set(&p->due, &s->due, IMS_NEVER);
	s->end_at = IMS_NEVER;
	if (!err)
		ims_acts_sa_add(&p->acts, &s->sas);
	ims_wipe(&s->sas.keys, sizeof(s->sas.keys));
	if (!err)
		ims_pcscf_set_link(p, ue, s);
	return err;
}

int ims_pcscf_set_make(struct ims_pcscf *p, struct ims_pcscf_ue *ue,
		       const uint8_t ck[static 16], const uint8_t ik[static 16],
		       struct ims_pcscf_set **out, struct ims_flaw *why)
{
	struct ims_pcscf_relay *r = ims_pcscf_relay_find(p, ue->round);
	const struct ims_pcscf_set *over =
		ims_pcscf_set_by_id(p, r ? r->flow.set : 0);
	struct ims_secagree a = {0};
	struct ims_pcscf_set *s;
	bool initial = !r || r->flow.set == 0;
	int err = read_offer(p, ue, &a, why);

	if (!err && initial && !ims_pcscf_may_pend(p, ue->ip))
		err = ims_flaw(why, -IMS_E_NO_SPI,
			       "%zu challenges are pending, or too many from "
			       "its address",
			       p->n_pending);
	if (!err && !initial && !over)
		err = ims_flaw(why, -IMS_E_UNEXPECTED,
			       "the set that it came over has ended");
	if (!err)
		err = make_room(p, ue, why);
	if (!err)
		err = choose(p, ue, over, &a, why);
	if (err)
		return err;
	s = calloc(1, sizeof(*s));
	err = s ? ims_secagree_derive(&a, false, ck, ik, &s->sas)
		: -IMS_E_NOMEM;
	if (!err) {
		s->sas.id = fresh_id(p);
		s->sas.life_s = ims_pcscf_set_trial_s(p);
		s->initial = initial;
		s->began_on = r ? r->flow.set : 0;
		err = install(p, ue, s, &a);
	}
	if (err) {
		ims_spi_pool_give(&p->spis, a.pcscf.spi_c);
		ims_spi_pool_give(&p->spis, a.pcscf.spi_s);
		if (s) {
			ims_heap_cancel(&p->due, &s->due);
			ims_ipsec_set_wipe(&s->sas);
			free(s->client);
			free(s->server);
		}
		free(s);
		return ims_flaw(why, err, "the SAs could not be made");
	}
	tell(p, ue, s);
	*out = s;
	return 0;
}
