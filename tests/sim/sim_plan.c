/* SPDX-License-Identifier: BSD-2-Clause */
/* sim_plan.c - who takes part, how they are configured, and in what weather:
 * all drawn from the seed.
 */
#include "sim.h"

#include <stdlib.h>
#include <string.h>

#define DOMAIN "ims.mnc001.mcc001.3gppnetwork.org"

static struct ims_ip ip(bool six, unsigned host)
{
	char text[40];
	struct ims_ip out = {0};

	snprintf(text, sizeof text, six ? "2001:db8:%x::1" : "10.1.%u.1", host);
	if (ims_ip_parse(ims_str(text), &out))
		abort();
	return out;
}

static uint32_t expires(struct sim *s)
{
	static const uint32_t some[] = {60,   90,   120,  300,  600,   900,
					1200, 1800, 3600, 7200, 600000};

	return some[sim_chance(s, sizeof some / sizeof *some)];
}

static void plan_pcscf(struct sim *s, bool six)
{
	struct ims_pcscf_conf *p = &s->core_conf.pcscf;

	ims_pcscf_conf_default(p);
	s->core.host.ip = ip(six, 1);
	p->gm = (struct ims_addr){s->core.host.ip, 5060};
	p->mw = (struct ims_addr){s->core.host.ip, 4060};
	p->scscf = (struct ims_addr){s->core.host.ip, 6060};
	strcpy(p->network, DOMAIN);
	p->policy.allow_deprecated = sim_one_in(s, 2);
	p->n_port_pc = 2 + sim_chance(s, 3);
	for (size_t i = 0; i < p->n_port_pc; i++)
		p->port_pc[i] = (uint16_t)(6101 + i);
	p->udp_max = sim_one_in(s, 2) ? 1300 : 65535;
	if (s->clear)
		p->security = IMS_PCSCF_ALLOWED;
	if (sim_one_in(s, 12))
		p->max_pending = 1;
	if (sim_one_in(s, 12))
		p->max_users = s->n_ues + 7; /* who moves leaves one behind */
}

static void plan_scscf(struct sim *s)
{
	struct ims_scscf_conf *c = &s->core_conf.scscf;

	ims_scscf_conf_default(c);
	c->local = s->core_conf.pcscf.scscf;
	strcpy(c->domain, DOMAIN);
	strcpy(c->realm, DOMAIN);
	c->qop = !sim_one_in(s, 3);
	c->service_route = sim_one_in(s, 2);
	c->challenge_refresh = sim_one_in(s, 3);
	c->allow_clear = s->clear;
	if (sim_one_in(s, 6))
		c->min_expires = 200;
	if (sim_one_in(s, 4))
		c->max_expires = expires(s);
	if (c->max_expires < c->min_expires)
		c->max_expires = c->min_expires;
	if (c->default_expires > c->max_expires)
		c->default_expires = c->max_expires;
	/* Not so long that nothing ever happens. */
	if (c->max_expires > 7200 && !sim_one_in(s, 20))
		c->max_expires = c->default_expires = 7200;
}

static void plan_ue(struct sim *s, struct sim_side *ue, bool six)
{
	static const enum ims_ue_transport how[] = {IMS_UE_AUTO, IMS_UE_UDP,
						    IMS_UE_UDP, IMS_UE_TCP};
	unsigned i = (unsigned)(ue - s->ue);
	struct ims_ue_conf *c = &ue->conf;
	struct ims_aka_key key;

	ims_ue_conf_default(c);
	if (ims_ue_conf_imsi(c, ims_str_n(sim_impi(i), 15), 2))
		abort();
	if (s->n_ues > 1 && sim_one_in(s, 3))
		strcpy(c->impu, "sip:family@" DOMAIN);
	ue->host.ip = ip(six, 10 + i);
	c->local = (struct ims_addr){ue->host.ip, 5060};
	c->pcscf[0] = s->core_conf.pcscf.gm;
	c->n_pcscf = 1;
	c->transport_register = how[sim_chance(s, 4)];
	c->transport_other = how[sim_chance(s, 4)];
	c->policy.allow_deprecated = true;
	c->expires = expires(s);
	c->subscribe = !sim_one_in(s, 8);
	c->clear_contact = sim_one_in(s, 3);
	if (sim_one_in(s, 3))
		snprintf(c->instance, sizeof c->instance,
			 "<urn:gsma:imei:35910506-00042%u-0>", i);
	if (c->instance[0] && sim_one_in(s, 2))
		c->reg_id = 1;
	if (s->clear)
		c->offer = IMS_UE_OFFER_NEVER;
	else if (sim_one_in(s, 8))
		c->offer = IMS_UE_OFFER_CHALLENGED;
	sim_key(i, &key);
	ims_card_init(&ue->card, &key);
	if (sim_one_in(s, 4)) /* it has seen more than the HSS knows */
		ims_sqn_accept(&ue->card.window,
			       (uint64_t)(1 + sim_chance(s, 1000000)) << 5 | 1);
	ue->want = SIM_WANT_REGISTERED;
}

static void plan_weather(struct sim *s)
{
	struct sim_weather *w = &s->weather;
	uint32_t bad = sim_chance(s, 10);

	if (bad < 3)
		return;
	w->lost = sim_chance(s, bad < 8 ? 60 : 250);
	w->twice = sim_chance(s, 100);
	w->late = sim_chance(s, 300);
	w->late_ms = sim_one_in(s, 4) ? 30000 : 2000;
	w->sa_fails = sim_one_in(s, 6) ? sim_chance(s, 200) : 0;
	w->hss_fails = sim_one_in(s, 6) ? sim_chance(s, 100) : 0;
	w->commit_fails = sim_one_in(s, 10) ? sim_chance(s, 100) : 0;
	w->forged = sim_one_in(s, 3) ? 100 : 0;
}

/* One of the list is not there; who has a list tries the next. */
static void plan_list(struct sim *s, struct ims_ue_conf *c)
{
	unsigned dead = sim_more(s, 2);

	c->pcscf[!dead] = s->core_conf.pcscf.gm;
	c->pcscf[dead] = s->core_conf.pcscf.gm;
	c->pcscf[dead].ip = ip(c->local.ip.family == 6, 9);
	c->n_pcscf = 2;
}

/* What came later has dice of its own. */
static void plan_more(struct sim *s)
{
	s->more_state = s->seed * 31 + 7;
	s->more = ims_rand_seeded(&s->more_state);
	if (sim_more(s, 8) == 0)
		s->few_spis = 4 * s->n_ues + sim_more(s, 4);
	for (unsigned i = 0; i < s->n_ues; i++)
		if (sim_more(s, 8) == 0)
			plan_list(s, &s->ue[i].conf);
	if (sim_more(s, 4) == 0)
		sim_wrong_plan(s);
	s->host_state = s->seed * 37 + 11;
	s->host = ims_rand_seeded(&s->host_state);
	s->leaky = sim_host_dice(s, 8) == 0;
}

void sim_plan(struct sim *s)
{
	bool six;

	s->state = s->seed;
	s->rnd = ims_rand_seeded(&s->state);
	six = sim_one_in(s, 2);
	s->n_ues = sim_one_in(s, 4) ? 2 + sim_chance(s, 3) : 1;
	s->clear = sim_one_in(s, 15);
	s->keeps = !sim_one_in(s, 4);
	s->kernel = sim_one_in(s, 2);
	plan_pcscf(s, six);
	plan_scscf(s);
	for (unsigned i = 0; i < s->n_ues; i++)
		plan_ue(s, &s->ue[i], six);
	s->pace_s = s->core_conf.scscf.max_expires;
	for (unsigned i = 0; i < s->n_ues; i++)
		if (s->ue[i].conf.expires < s->pace_s)
			s->pace_s = s->ue[i].conf.expires;
	plan_weather(s);
	s->hss.scheme = ims_sqn_scheme_default();
	s->hss.scheme.counter = sim_one_in(s, 3);
	plan_more(s);
}

/* Another address, never used before. */
struct ims_ip sim_new_ip(struct sim *s, unsigned ue)
{
	return ip(s->core.host.ip.family == 6,
		  20 + ue + SIM_UES * ++s->n_moves);
}
