/* SPDX-License-Identifier: BSD-2-Clause */
/* flow_lab.c - a UE and a core against each other on a wire in memory. */
#include "flow_lab.h"

#include "test.h"

/* --- the host before the host --------------------------------------------- */

static struct ims_host *real(struct ims_host *h)
{
	return ((struct lab_host *)h)->real;
}

static int hold(struct ims_host *h, struct ims_addr local, bool is_protected,
		struct ims_flaw *why)
{
	return real(h)->ops->hold(real(h), local, is_protected, why);
}

static void release(struct ims_host *h, struct ims_addr local)
{
	real(h)->ops->release(real(h), local);
}

static int send_it(struct ims_host *h, const struct ims_flow *flow,
		   struct ims_str bytes, uint32_t ref, struct ims_flaw *why)
{
	struct lab_host *lh = (struct lab_host *)h;
	static char mem[65536];
	size_t n = bytes.n;

	if (lh->lab->lives && !lh->lab->lives(lh->lab, lh->ue))
		return 0;
	memcpy(mem, bytes.p, n);
	if (lh->lab->tamper)
		lh->lab->tamper(lh->lab, lh->ue, mem, sizeof mem, &n);
	return real(h)->ops->send(real(h), flow, ims_str_n(mem, n), ref, why);
}

static int sa_add(struct ims_host *h, const struct ims_ipsec_set *set,
		  struct ims_flaw *why)
{
	struct lab_host *lh = (struct lab_host *)h;
	int refuse = lh->ue ? lh->lab->refuse_ue : lh->lab->refuse_core;

	if (refuse)
		return ims_flaw(why, refuse, "refused by the test");
	if (lh->lab->lives)
		(void)lh->lab->lives(lh->lab, lh->ue);
	return real(h)->ops->sa_add(real(h), set, why);
}

static void sa_del(struct ims_host *h, uint32_t set)
{
	const struct lab_host *lh = (struct lab_host *)h;

	if (!lh->lab->careless)
		real(h)->ops->sa_del(real(h), set);
}

static void sa_life(struct ims_host *h, uint32_t set, uint32_t life_s)
{
	real(h)->ops->sa_life(real(h), set, life_s);
}

static int sa_count(struct ims_host *h, uint32_t set,
		    struct ims_ipsec_count out[static IMS_N_ARROWS])
{
	return real(h)->ops->sa_count(real(h), set, out);
}

static void host_free(struct ims_host *h)
{
	real(h)->ops->free(real(h));
}

static const struct ims_host_ops ops = {
	.hold = hold,
	.release = release,
	.send = send_it,
	.sa_add = sa_add,
	.sa_del = sa_del,
	.sa_life = sa_life,
	.sa_count = sa_count,
	.free = host_free,
};

static void host_init(struct lab *l, struct lab_host *h, bool ue,
		      struct ims_ip ip, struct ims_host_up up)
{
	assert_int_equal(ims_wire_host_new(l->mem.wire, ip, &up, &h->real), 0);
	h->host = *h->real;
	h->host.ops = &ops;
	h->lab = l;
	h->ue = ue;
}

/* --- what is seen and told ------------------------------------------------- */

static void told(void *arg, enum ims_who who, const struct ims_act *t)
{
	struct lab *l = arg;

	if (t->err && l->heard)
		l->heard(l, who == IMS_WHO_UE, t->err, t->text);
	if (who != IMS_WHO_UE) {
		if (t->err) {
			l->core_problem[-t->err]++;
			snprintf(l->core_text, sizeof l->core_text, "%.*s",
				 IMS_STR_ARG(t->text));
		}
		return;
	}
	l->told[t->tell]++;
	l->ue_problem[-t->err]++;
	if (t->tell == IMS_TELL_FAILED) {
		l->failed = t->err;
		snprintf(l->text, sizeof l->text, "%.*s", IMS_STR_ARG(t->text));
	}
}

static void seen(void *arg, const struct ims_seen *m)
{
	struct lab *l = arg;

	if (l->seen)
		l->seen(l, m);
}

static void set(void *arg, enum ims_who who, const struct ims_ipsec_set *s,
		bool installed)
{
	struct lab *l = arg;
	unsigned *n = who == IMS_WHO_UE ? &l->sets_ue : &l->sets_core;
	unsigned *most = who == IMS_WHO_UE ? &l->most_ue : &l->most_core;

	*n += installed ? 1 : -1u;
	if (*n > *most)
		*most = *n;
	if (installed && who != IMS_WHO_UE)
		l->made_core++;
}

static void dropped(void *arg, enum ims_who who, const struct ims_flow *flow,
		    int err)
{
	((struct lab *)arg)->dropped[-err]++;
}

static uint32_t chance(struct lab *l, uint32_t below)
{
	return ims_rand_below(&l->rnd, below);
}

static struct ims_wire_fate fate(void *arg, const uint8_t *ip, size_t n)
{
	struct lab *l = arg;
	struct ims_wire_fate f = {0};

	f.lost = chance(l, 1000) < l->lost;
	f.twice = chance(l, 1000) < l->twice;
	if (chance(l, 1000) < l->delayed)
		f.delay_ms = chance(l, l->delay_ms + 1);
	return f;
}

/* IPv6 without extension headers: next header 50 is ESP. */
static void tap(void *arg, uint64_t now_ms, const uint8_t *ip, size_t n)
{
	struct lab *l = arg;

	if (n > 40 && n <= sizeof l->esp && ip[6] == 50 &&
	    memcmp(ip + 24, l->ip_core.b, 16) == 0) {
		memcpy(l->esp, ip, n);
		l->n_esp = n;
	}
}

/* --- making it ------------------------------------------------------------ */

#define DOMAIN "ims.mnc001.mcc001.3gppnetwork.org"

static void conf_ue(struct lab *l)
{
	struct ims_ue_conf *c = &l->ue_conf;

	ims_ue_conf_default(c);
	assert_int_equal(ims_ue_conf_imsi(c, IMS_S("001010123456789"), 2), 0);
	c->local = (struct ims_addr){l->ip_ue, 5060};
	c->pcscf[0] = (struct ims_addr){l->ip_core, 5060};
	c->n_pcscf = 1;
	c->transport_register = c->transport_other = IMS_UE_UDP;
	c->policy.allow_deprecated = true;
}

static void conf_core(struct lab *l)
{
	struct ims_pcscf_conf *p = &l->core_conf.pcscf;
	struct ims_scscf_conf *s = &l->core_conf.scscf;

	ims_pcscf_conf_default(p);
	ims_scscf_conf_default(s);
	p->gm = (struct ims_addr){l->ip_core, 5060};
	p->mw = (struct ims_addr){l->ip_core, 4060};
	p->scscf = s->local = (struct ims_addr){l->ip_core, 6060};
	p->udp_max = 65535;
	snprintf(p->network, sizeof p->network, "%s", DOMAIN);
	snprintf(s->domain, sizeof s->domain, "%s", DOMAIN);
	snprintf(s->realm, sizeof s->realm, "%s", DOMAIN);
}

void lab_init(struct lab *l, uint64_t seed)
{
	static const uint8_t k[16] = {0x46, 0x5b, 0x5c, 0xe8, 0xb1, 0x99,
				      0xb4, 0x9f, 0xaa, 0x5f, 0x0a, 0x2e,
				      0xe2, 0x38, 0xa6, 0xbc};
	static const uint8_t opc[16] = {0xcd, 0x63, 0xcb, 0x71, 0x95, 0x4a,
					0x9f, 0x4e, 0x48, 0xa5, 0x99, 0x4e,
					0x37, 0xa0, 0x2b, 0xaf};

	memset(l, 0, sizeof *l);
	l->seed = seed;
	l->rnd = ims_rand_seeded(&l->seed);
	ims_ip_parse(IMS_S("2001:db8::10"), &l->ip_ue);
	ims_ip_parse(IMS_S("2001:db8::1"), &l->ip_core);
	assert_int_equal(ims_aka_key_init(&l->key_ue, IMS_AKA_MILENAGE, k,
					  sizeof k),
			 0);
	assert_int_equal(ims_aka_key_opc(&l->key_ue, opc, sizeof opc), 0);
	l->key_core = l->key_ue;
	conf_ue(l);
	conf_core(l);
}

static void subscriber(struct lab *l)
{
	struct ims_sub sub = {.imsi = "001010123456789", .n_impus = 1};

	l->hss.store = ims_hss_mem_new();
	assert_non_null(l->hss.store);
	l->hss.scheme = ims_sqn_scheme_default();
	l->hss.rnd = l->rnd;
	snprintf(sub.impi, sizeof sub.impi, "%s", "001010123456789@" DOMAIN);
	snprintf(sub.impu[0].uri, sizeof sub.impu[0].uri, "%s",
		 "sip:001010123456789@" DOMAIN);
	for (size_t i = 0; i < 2 && l->own_impu[i]; i++) {
		struct ims_cx_impu *own = &sub.impu[sub.n_impus++];

		snprintf(own->uri, sizeof own->uri, "%s", l->own_impu[i]);
		own->set = (uint8_t)(1 + i);
	}
	sub.key = l->key_core;
	sub.amf[0] = 0x80;
	assert_int_equal(l->hss.store->ops->add(l->hss.store, &sub), 0);
}

static void tick_ue(void *unit)
{
	ims_run_ue_tick(unit);
}

static void tick_core(void *unit)
{
	ims_run_core_tick(unit);
}

static void env_init(struct lab *l, struct ims_run_env *env)
{
	*env = (struct ims_run_env){.rnd = l->rnd};
	env->watch = (struct ims_watch){.seen = seen,
					.told = told,
					.set = set,
					.dropped = dropped,
					.arg = l};
}

static void make_core(struct lab *l)
{
	struct ims_flaw why;

	l->core = ims_run_core_new(&l->core_conf, &l->hss, &l->env_core);
	assert_non_null(l->core);
	l->slot_core->tick = tick_core;
	l->slot_core->unit = l->core;
	host_init(l, &l->host_core, false, l->ip_core,
		  ims_run_core_up(l->core));
	assert_int_equal(ims_run_core_attach(l->core, &l->host_core.host, &why),
			 0);
}

static void start_core(struct lab *l)
{
	env_init(l, &l->env_core);
	l->env_core.inject = l->inject_core;
	l->env_core.keep = l->keep_core;
	l->slot_core = ims_run_mem_slot(&l->mem, &l->env_core);
	make_core(l);
}

void lab_restart_core(struct lab *l)
{
	l->slot_core->tick = NULL;
	ims_run_core_kill(l->core);
	l->host_core.host.ops->free(&l->host_core.host);
	l->sets_core = 0;
	make_core(l);
}

static void make_ue(struct lab *l)
{
	struct ims_card card;
	struct ims_flaw why;

	ims_card_init(&card, &l->key_ue);
	if (l->card_seq)
		assert_true(ims_sqn_accept(&card.window, l->card_seq << 5 | 1));
	l->ue = ims_run_ue_new(&l->ue_conf, &card, &l->env_ue);
	assert_non_null(l->ue);
	l->slot_ue->tick = tick_ue;
	l->slot_ue->unit = l->ue;
	host_init(l, &l->host_ue, true, l->ip_ue, ims_run_ue_up(l->ue));
	assert_int_equal(ims_run_ue_attach(l->ue, &l->host_ue.host, &why), 0);
}

static void start_ue(struct lab *l)
{
	env_init(l, &l->env_ue);
	l->env_ue.inject = l->inject_ue;
	l->env_ue.keep = l->keep_ue;
	l->slot_ue = ims_run_mem_slot(&l->mem, &l->env_ue);
	make_ue(l);
}

void lab_restart_ue(struct lab *l)
{
	l->slot_ue->tick = NULL;
	ims_run_ue_kill(l->ue);
	l->host_ue.host.ops->free(&l->host_ue.host);
	l->sets_ue = 0;
	make_ue(l);
	ims_run_ue_start(l->ue);
}

void lab_start(struct lab *l)
{
	struct ims_wire_eye eye = {.tap = tap, .fate = fate, .arg = l};

	assert_int_equal(ims_run_mem_init(&l->mem, &l->rnd, &eye,
					  UINT64_C(1760000000000)),
			 0);
	subscriber(l);
	start_core(l);
	start_ue(l);
	ims_run_ue_start(l->ue);
}

void lab_pass(struct lab *l, uint64_t ms)
{
	uint64_t until = ims_wire_now(l->mem.wire) + ms;

	while (ims_run_mem_turn(&l->mem, until))
		;
}

bool lab_until(struct lab *l, enum ims_tell tell, unsigned n, uint64_t ms)
{
	uint64_t until = ims_wire_now(l->mem.wire) + ms;

	while (l->told[tell] < n)
		if (!ims_run_mem_turn(&l->mem, until))
			return false;
	return true;
}

void lab_end(struct lab *l)
{
	l->lost = l->twice = l->delayed = 0;
	l->tamper = NULL;
	ims_run_ue_stop(l->ue);
	/* 4 minutes of reg-await-auth, 64*T1 of transactions, and more */
	lab_pass(l, 1000000);
	assert_int_equal(l->sets_ue, 0);
	assert_int_equal(l->sets_core, 0);
	/* what the hosts say themselves, not who ordered it */
	assert_true(l->careless || !ims_wire_has_sets(l->mem.wire));
	assert_int_equal(ims_scscf_registered(ims_run_core_scscf(l->core)), 0);
	ims_run_ue_free(l->ue);
	ims_run_core_free(l->core);
	l->host_ue.host.ops->free(&l->host_ue.host);
	l->host_core.host.ops->free(&l->host_core.host);
	ims_run_mem_free(&l->mem);
	l->hss.store->ops->free(l->hss.store);
}
