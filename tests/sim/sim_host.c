/* SPDX-License-Identifier: BSD-2-Clause */
/* sim_host.c - a host that carries whole messages.
 *
 * Ports and SAs are held as on a real one; a message on a protected flow gets
 * to the other side only if a set with the same SPI and the same keys is there.
 */
#include "sim.h"

#include <string.h>

struct sim_port *sim_host_port(struct sim_host *h, struct ims_addr at)
{
	for (size_t i = 0; i < SIM_PORTS; i++)
		if (h->port[i].users && h->port[i].at.port == at.port &&
		    ims_ip_eq(h->port[i].at.ip, at.ip))
			return &h->port[i];
	return NULL;
}

struct sim_sa_set *sim_host_set(struct sim_host *h, uint32_t id)
{
	for (size_t i = 0; i < h->top; i++)
		if (id && h->set[i].set.id == id && !h->set[i].orphan)
			return &h->set[i];
	return NULL;
}

size_t sim_host_sets(const struct sim_host *h)
{
	size_t n = 0;

	for (size_t i = 0; i < h->top; i++)
		n += h->set[i].set.id != 0;
	return n;
}

bool sim_twins(const struct ims_ipsec_set *a, const struct ims_ipsec_set *b)
{
	for (int i = 0; i < IMS_N_ARROWS; i++)
		if (a->sa[i].spi != b->sa[i].spi ||
		    !ims_addr_eq(a->sa[i].src, b->sa[i].src) ||
		    !ims_addr_eq(a->sa[i].dst, b->sa[i].dst))
			return false;
	return a->suite.alg == b->suite.alg && a->suite.ealg == b->suite.ealg &&
	       memcmp(&a->keys, &b->keys, sizeof a->keys) == 0;
}

/* --- ports ---------------------------------------------------------------- */

static int hold(struct ims_host *host, struct ims_addr local, bool is_protected,
		struct ims_flaw *why)
{
	struct sim_host *h = (struct sim_host *)host;
	struct sim_port *p = sim_host_port(h, local);

	if (p && p->is_protected != is_protected)
		return ims_flaw(why, -IMS_E_PORT, "port %u is held otherwise",
				(unsigned)local.port);
	for (size_t i = 0; !p && i < SIM_PORTS; i++)
		if (!h->port[i].users) {
			p = &h->port[i];
			p->at = local;
			p->is_protected = is_protected;
		}
	if (!p)
		return ims_flaw(why, -IMS_E_PORT, "too many ports");
	p->users++;
	return 0;
}

static void release(struct ims_host *host, struct ims_addr local)
{
	struct sim_port *p = sim_host_port((struct sim_host *)host, local);

	if (p && !((struct sim_host *)host)->side->dead)
		p->users--;
}

/* --- SAs ------------------------------------------------------------------ */

static int hold_set(struct ims_host *host, const struct ims_ipsec_set *set,
		    struct ims_flaw *why)
{
	int err;

	if (!set->ue)
		return 0;
	err = hold(host, set->sa[IMS_UC_TO_PS].src, true, why);
	if (err)
		return err;
	err = hold(host, set->sa[IMS_US_TO_PC].src, true, why);
	if (err)
		release(host, set->sa[IMS_UC_TO_PS].src);
	return err;
}

static void release_set(struct ims_host *host, const struct ims_ipsec_set *set)
{
	if (!set->ue)
		return;
	release(host, set->sa[IMS_UC_TO_PS].src);
	release(host, set->sa[IMS_US_TO_PC].src);
}

/* Two SAs that come in with one SPI could not be told apart. */
static void check_spis(struct sim_host *h, const struct ims_ipsec_set *set)
{
	for (size_t i = 0; i < h->top; i++) {
		const struct ims_ipsec_set *o = &h->set[i].set;

		for (int k = 0; o->id && k < IMS_N_ARROWS * IMS_N_ARROWS; k++) {
			enum ims_arrow a = k / IMS_N_ARROWS,
				       b = k % IMS_N_ARROWS;

			if (!h->set[i].orphan && ims_ipsec_inbound(set, a) &&
			    ims_ipsec_inbound(o, b) &&
			    set->sa[a].spi == o->sa[b].spi)
				sim_fail(h->side->sim, SIM_TWIN,
					 "%s: SPI %u is in sets %u and %u",
					 h->side->name,
					 (unsigned)set->sa[a].spi,
					 (unsigned)o->id, (unsigned)set->id);
		}
	}
}

/* One challenge gives one set, and never a second one. */
static void check_keys(struct sim_host *h, const struct ims_ipsec_set *set)
{
	struct sim_side *side = h->side;
	uint32_t key = ims_str_hash(ims_str_n((const char *)&set->keys,
					      sizeof set->keys),
				    1);

	for (size_t i = 0; i < side->n_keys && i < 64; i++)
		if (side->keys[i] == key)
			sim_fail(side->sim, SIM_ANSWER_ONCE,
				 "%s: set %u has the keys of an earlier one",
				 side->name, (unsigned)set->id);
	side->keys[side->n_keys++ % 64] = key;
}

static struct sim_sa_set *free_set(struct sim_host *h)
{
	for (size_t i = 0; i < SIM_SETS; i++) {
		if (h->set[i].set.id)
			continue;
		h->top = i >= h->top ? i + 1 : h->top;
		return &h->set[i];
	}
	return NULL;
}

static void give_life(struct sim_sa_set *s, uint32_t life_s, uint64_t now_ms)
{
	s->ends_ms = life_s ? now_ms + (uint64_t)life_s * 1000 : IMS_NEVER;
}

/* In the kernel they are there still; in userspace they go on from `live`. */
static int adopt(struct sim_host *h, const struct ims_ipsec_set *set,
		 struct ims_flaw *why)
{
	struct sim_sa_set *s = NULL;

	for (size_t i = 0; h->side->sim->kernel && i < h->top; i++)
		if (h->set[i].orphan &&
		    h->set[i].ends_ms > h->side->sim->now_ms &&
		    sim_twins(&h->set[i].set, set))
			s = &h->set[i];
	if (!h->side->sim->kernel && set->live)
		s = free_set(h);
	if (!s)
		return ims_flaw(why, -IMS_E_NOTFOUND, "no such SAs");
	s->orphan = false;
	s->set = *set;
	if (h->side->sim->kernel)
		s->set.live = NULL;
	else
		give_life(s, set->life_s, h->side->sim->now_ms);
	return 0;
}

static int install(struct sim_host *h, const struct ims_ipsec_set *set,
		   struct ims_flaw *why)
{
	struct sim_sa_set *s = free_set(h);

	if (sim_host_set(h, set->id))
		return ims_flaw(why, -IMS_E_EXISTS, "set %u", set->id);
	sim_held(h->side->sim, SIM_TWIN);
	sim_held(h->side->sim, SIM_ANSWER_ONCE);
	if (!s || sim_permille(h->side->sim, h->side->sim->weather.sa_fails))
		return ims_flaw(why, -IMS_E_SYS, "the SAs are refused");
	check_spis(h, set);
	check_keys(h, set);
	memset(s, 0, sizeof *s);
	s->set = *set;
	if (h->side->sim->kernel)
		s->set.live = NULL;
	give_life(s, set->life_s, h->side->sim->now_ms);
	return 0;
}

static int sa_add(struct ims_host *host, const struct ims_ipsec_set *set,
		  struct ims_flaw *why)
{
	struct sim_host *h = (struct sim_host *)host;
	int err;

	if (!sim_side_act(h->side))
		return 0;
	err = hold_set(host, set, why);
	if (err)
		return err;
	err = set->adopt ? adopt(h, set, why) : install(h, set, why);
	if (err)
		release_set(host, set);
	sim_count(h->side->sim,
		  set->adopt ? err ? SIM_N_SA_NOT_ADOPTED : SIM_N_SA_ADOPTED
		  : err      ? SIM_N_SA_REFUSED
			     : SIM_N_SA_ADDED);
	sim_note(h->side->sim, "%-5s          set %u %s%s", h->side->name,
		 (unsigned)set->id, set->adopt ? "adopted" : "installed",
		 err ? ": refused" : "");
	return err;
}

/* The P-CSCF does not take away what it still has: a set was lost on purpose or
 * deleted by somebody, and its UE cannot know.
 */
static void excuse_owner(struct sim_host *h, const struct ims_ipsec_set *set)
{
	struct sim_side *core = h->side, *ue;

	if (!core->is_core || !core->up ||
	    !sim_in_pcscf_owns(ims_run_core_pcscf(core->core), set->id))
		return;
	ue = sim_side_at(core->sim, set->sa[IMS_UC_TO_PS].src.ip);
	if (ue && !ue->is_core)
		sim_excuse(ue);
}

static void sa_del(struct ims_host *host, uint32_t id)
{
	struct sim_host *h = (struct sim_host *)host;
	struct sim_sa_set *s;
	struct ims_ipsec_set set;

	if (!sim_side_act(h->side))
		return;
	s = sim_host_set(h, id);
	if (!s)
		return;
	set = s->set;
	excuse_owner(h, &set);
	sim_note(h->side->sim, "%-5s          set %u removed", h->side->name,
		 (unsigned)id);
	sim_net_drop_set(&h->side->sim->net, h->side, id);
	memset(s, 0, sizeof *s);
	release_set(host, &set);
}

/* As a kernel counts it: whatever becomes of who said it. */
static void sa_life(struct ims_host *host, uint32_t id, uint32_t life_s)
{
	struct sim_host *h = (struct sim_host *)host;
	struct sim_sa_set *s;

	if (!sim_side_act(h->side))
		return;
	s = sim_host_set(h, id);
	if (!s)
		return;
	give_life(s, life_s, h->side->sim->now_ms);
	sim_count(h->side->sim, SIM_N_SA_RENEWED);
}

uint64_t sim_host_ends(const struct sim_host *h)
{
	uint64_t at = IMS_NEVER;

	for (size_t i = 0; i < h->top; i++)
		if (h->set[i].set.id && h->set[i].ends_ms < at)
			at = h->set[i].ends_ms;
	return at;
}

static void tell_gone(struct sim_host *h, uint32_t id, const char *what)
{
	struct ims_flaw why = {0};

	sim_note(h->side->sim, "%-5s          set %u %s", h->side->name,
		 (unsigned)id, what);
	sim_net_drop_set(&h->side->sim->net, h->side, id);
	ims_flaw(&why, -IMS_E_IPSEC, "set %u %s", (unsigned)id, what);
	h->host.up.sa_gone(h->host.up.arg, id, why.err, &why);
}

/* Who is awake has ended it before, or said that it lives on. */
void sim_host_end(struct sim_host *h)
{
	struct sim *s = h->side->sim;
	struct sim_sa_set *set = h->set;

	while (!set->set.id || set->ends_ms > s->now_ms)
		set++;
	if (h->side->asleep_until < set->ends_ms)
		sim_fail(s, SIM_LIFE, "%s: set %u ended under its owner",
			 h->side->name, (unsigned)set->set.id);
	sim_count(s, SIM_N_SA_ENDED);
	tell_gone(h, set->set.id, "is over: its hard lifetime");
	set->ends_ms = IMS_NEVER; /* or its owner did not listen */
}

bool sim_host_lose(struct sim_host *h, uint32_t n)
{
	uint32_t have = (uint32_t)sim_host_sets(h);
	size_t i = 0;

	if (!have)
		return false;
	n %= have;
	while (!h->set[i].set.id || n--)
		i++;
	tell_gone(h, h->set[i].set.id, "was deleted by somebody");
	return true;
}

static int sa_count(struct ims_host *host, uint32_t id,
		    struct ims_ipsec_count out[static IMS_N_ARROWS])
{
	struct sim_host *h = (struct sim_host *)host;

	memset(out, 0, IMS_N_ARROWS * sizeof *out);
	return sim_host_set(h, id) ? 0 : -IMS_E_NOTFOUND;
}

static int sa_sweep(struct ims_host *host, struct ims_flaw *why)
{
	struct sim_host *h = (struct sim_host *)host;
	int n = 0;

	(void)why;
	for (size_t i = 0; i < h->top; i++) {
		if (!h->set[i].set.id || !h->set[i].orphan)
			continue;
		if (h->set[i].ends_ms <= h->side->sim->now_ms)
			sim_count(h->side->sim, SIM_N_SA_ENDED_ORPHAN);
		memset(&h->set[i], 0, sizeof h->set[i]);
		sim_count(h->side->sim, SIM_N_SA_SWEPT);
		n++;
	}
	return n;
}

/* --- messages ------------------------------------------------------------- */

static int check_flow(struct sim_host *h, const struct ims_flow *f,
		      struct sim_sa_set **over)
{
	struct sim_port *p = sim_host_port(h, f->local);
	int arrow;

	*over = NULL;
	if (!ims_ip_eq(f->local.ip, h->ip))
		return -IMS_E_ADDR;
	if (f->remote.ip.family != h->ip.family || !f->remote.port)
		return -IMS_E_RANGE;
	if (p && p->is_protected)
		sim_held(h->side->sim, SIM_CLEAR_OUT);
	if (!f->set && p && p->is_protected) {
		sim_fail(h->side->sim, SIM_CLEAR_OUT,
			 "%s sends in the clear from protected port %u",
			 h->side->name, (unsigned)f->local.port);
		return -IMS_E_CLEAR;
	}
	if (!f->set)
		return f->transport == IMS_UDP && !p ? -IMS_E_NOTFOUND : 0;
	*over = sim_host_set(h, f->set);
	if (!*over)
		return -IMS_E_NOTFOUND;
	arrow = ims_ipsec_arrow(&(*over)->set, f, true);
	return arrow < 0 ? -IMS_E_NOTFOUND : 0;
}

/* A response that is no success promises nothing.  A set's own record may wait:
 * without the registration it serves nobody, and a challenge that was not
 * answered yet may be lost.
 */
static void check_promise(struct sim_host *h, struct ims_str bytes)
{
	const struct sim_keep *k = &h->side->keep;

	if (ims_str_starts(bytes, IMS_S("SIP/2.0 ")) &&
	    !ims_str_starts(bytes, IMS_S("SIP/2.0 2")))
		return;
	if (h->side->sim->keeps)
		sim_held(h->side->sim, SIM_PROMISE);
	for (size_t i = 0; i < k->n_wait; i++)
		if (k->wait[i].kind != IMS_KEEP_SET)
			sim_fail(h->side->sim, SIM_PROMISE,
				 "%s sends \"%.*s\" while a record of kind %d "
				 "waits for the commit",
				 h->side->name, (int)ims_str_find(bytes, '\r'),
				 bytes.p, (int)k->wait[i].kind);
}

static int host_send(struct ims_host *host, const struct ims_flow *flow,
		     struct ims_str bytes, uint32_t ref, struct ims_flaw *why)
{
	struct sim_host *h = (struct sim_host *)host;
	struct sim_sa_set *over;
	int err;

	if (!sim_side_act(h->side))
		return 0;
	check_promise(h, bytes);
	sim_seen_leave(h->side, flow, bytes);
	err = check_flow(h, flow, &over);
	if (!err && flow->transport == IMS_TCP)
		err = sim_net_tcp(h, flow, bytes, ref, over);
	else if (!err)
		err = sim_net_udp(h, flow, bytes, over);
	if (err)
		sim_note(h->side->sim, "%-5s          not sent: %s",
			 h->side->name, ims_err_info(err)->id);
	return err ? ims_flaw(why, err, "port %u to port %u",
			      (unsigned)flow->local.port,
			      (unsigned)flow->remote.port)
		   : 0;
}

static void host_free(struct ims_host *host)
{
	(void)host; /* a member of its side */
}

static const struct ims_host_ops ops = {
	.hold = hold,
	.release = release,
	.send = host_send,
	.sa_add = sa_add,
	.sa_del = sa_del,
	.sa_life = sa_life,
	.sa_count = sa_count,
	.sa_sweep = sa_sweep,
	.free = host_free,
};

void sim_host_init(struct sim_host *h, struct sim_side *side)
{
	h->host.ops = &ops;
	h->host.ipsec = "simulated";
	h->side = side;
}

/* What the system keeps and what not when a process is killed. */
void sim_host_crash(struct sim_host *h, bool kernel)
{
	memset(h->port, 0, sizeof h->port);
	for (size_t i = 0; i < h->top; i++) {
		if (kernel)
			h->set[i].orphan = h->set[i].set.id != 0;
		else
			memset(&h->set[i], 0, sizeof h->set[i]);
	}
}
