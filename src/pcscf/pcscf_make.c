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

static bool meets(const struct ims_pcscf_set *s,
		  const struct ims_secagree_end *ue)
{
	uint32_t uc = s->sas.sa[IMS_PS_TO_UC].spi;
	uint32_t us = s->sas.sa[IMS_PC_TO_US].spi;

	return s->sas.sa[IMS_UC_TO_PS].src.port == ue->port_c ||
	       uc == ue->spi_c || uc == ue->spi_s || us == ue->spi_c ||
	       us == ue->spi_s;
}

/* A UE that was started anew may come with the ports and SPIs it had: then
 * its old set cannot live beside the new one, and goes.  Inside a set it has
 * to choose new ones [33.203 7.4], and another user's are never touched.
 */
static int make_room(struct ims_pcscf *p, struct ims_pcscf_ue *ue, bool initial,
		     const struct ims_secagree_end *end, struct ims_flaw *why)
{
	struct ims_pcscf_set *s, *next;
	struct ims_addr uc = at(end->ip, end->port_c);

	for (s = ue->sets; s; s = next) {
		next = s->next;
		if (!meets(s, end))
			continue;
		if (!initial)
			return ims_flaw(why, -IMS_E_SEC_PARAM,
					"port-c or an SPI of a living set is "
					"offered again");
		ims_acts_tell(&p->acts, IMS_TELL_INFO, 0, s->sas.id,
			      "%s started anew on the same ports: its old SAs "
			      "are removed",
			      ue->impi);
		ims_pcscf_set_drop(p, s);
	}
	if (ims_pcscf_set_at(p, uc, p->conf.port_ps))
		return ims_flaw(why, -IMS_E_SEC_PARAM,
				"port-c=%u is in use by another user there",
				end->port_c);
	return 0;
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

/* A set that was replaced ends early when its port_pc is wanted: who renews
 * often would run out of them else.
 */
static int free_port(struct ims_pcscf *p, struct ims_pcscf_ue *ue,
		     const struct ims_secagree_end *end, uint16_t *out)
{
	const struct ims_pcscf_relay *r = ims_pcscf_relay_find(p, ue->round);
	struct ims_pcscf_set *s, *next;
	int err = choose_port(p, end, out);

	for (s = ue->sets; err && s; s = next) {
		next = s->next;
		if ((s->life != IMS_SET_OLD && s->life != IMS_SET_DYING) ||
		    (r && r->flow.set == s->sas.id))
			continue; /* in use, or the answer goes there */
		ims_pcscf_set_drop(p, s);
		err = choose_port(p, end, out);
	}
	return err;
}

static int choose(struct ims_pcscf *p, struct ims_pcscf_ue *ue,
		  struct ims_secagree *a, struct ims_flaw *why)
{
	struct ims_secagree_end *me = &a->pcscf;
	uint32_t avoid[2] = {a->ue.spi_c, a->ue.spi_s};
	int err;

	me->ip = p->conf.gm.ip;
	me->port_s = p->conf.port_ps;
	if (free_port(p, ue, &a->ue, &me->port_c))
		return ims_flaw(why, -IMS_E_NO_SPI,
				"every port_pc is taken for port-s=%u there",
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
	struct ims_secagree a = {0};
	struct ims_pcscf_set *s;
	bool initial = !r || r->flow.set == 0;
	int err = read_offer(p, ue, &a, why);

	if (!err && initial && !ims_pcscf_may_pend(p, ue->ip))
		err = ims_flaw(why, -IMS_E_NO_SPI,
			       "%zu challenges are pending, or too many from "
			       "its address",
			       p->n_pending);
	if (!err)
		err = make_room(p, ue, initial, &a.ue, why);
	if (!err)
		err = choose(p, ue, &a, why);
	if (err)
		return err;
	s = calloc(1, sizeof(*s));
	err = s ? ims_secagree_derive(&a, false, ck, ik, &s->sas)
		: -IMS_E_NOMEM;
	if (!err) {
		s->sas.id = fresh_id(p);
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
