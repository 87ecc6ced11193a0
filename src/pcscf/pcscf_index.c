/* SPDX-License-Identifier: BSD-2-Clause */
/* pcscf_index.c - SA sets by id and by place (address and ports), and how many
 * wait for REGISTER 2.
 *
 * Spec: TS 33.203 7.1.
 */
#include "pcscf_priv.h"

bool ims_pcscf_is_port_ps(const struct ims_pcscf *p, uint16_t port)
{
	return port && (port == p->conf.port_ps || port == p->conf.port_ps2);
}

struct ims_pcscf_set *ims_pcscf_set_by_id(const struct ims_pcscf *p,
					  uint32_t id)
{
	struct ims_map_node *n = id ? ims_map_first(&p->set_id, id) : NULL;

	return n ? ims_container(n, struct ims_pcscf_set, id_node) : NULL;
}

bool ims_pcscf_same_peer(const void *pcscf, uint32_t asked, uint32_t came)
{
	const struct ims_pcscf_set *a = ims_pcscf_set_by_id(pcscf, asked);
	const struct ims_pcscf_set *b = ims_pcscf_set_by_id(pcscf, came);

	return a && b && a->ue == b->ue && a->proven && b->proven;
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

void ims_pcscf_index_add(struct ims_pcscf *p, struct ims_pcscf_set *s)
{
	const struct ims_ipsec_sa *uc = &s->sas.sa[IMS_UC_TO_PS];
	const struct ims_ipsec_sa *us = &s->sas.sa[IMS_US_TO_PC];

	ims_map_add(&p->set_id, &s->id_node, s->sas.id);
	ims_map_add(&p->set_uc, &s->uc_node,
		    tuple_hash(p, uc->src, uc->dst.port));
	ims_map_add(&p->set_us, &s->us_node,
		    tuple_hash(p, us->src, us->dst.port));
}

void ims_pcscf_index_del(struct ims_pcscf *p, struct ims_pcscf_set *s)
{
	ims_map_del(&p->set_id, &s->id_node);
	ims_map_del(&p->set_uc, &s->uc_node);
	ims_map_del(&p->set_us, &s->us_node);
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

void ims_pcscf_pend(struct ims_pcscf *p, struct ims_ip from, bool begins)
{
	p->n_pending += begins ? 1 : (size_t)-1;
	p->pending_from[bucket(p, from)] += begins ? 1 : (uint32_t)-1;
}
