/* SPDX-License-Identifier: BSD-2-Clause */
/* run_perform.c - what all run units do alike with an act and a host. */
#include "run_perform.h"

#include "base_mem.h"
#include "run_full.h"
#include "run_keep.h"

#define REFUSAL 4096

const char *ims_who_name(enum ims_who w)
{
	static const char *const names[] = {
		[IMS_WHO_UE] = "ue",
		[IMS_WHO_PCSCF] = "p-cscf",
		[IMS_WHO_SCSCF] = "s-cscf",
	};

	return names[w];
}

int ims_run_seat_init(struct ims_run_seat *s, enum ims_who who,
		      const struct ims_run_env *env)
{
	s->who = who;
	s->host = NULL;
	s->env = *env;
	s->dirty = s->unkept = s->store_failed = s->full = false;
	s->again_ms = 0;
	s->loose = 0;
	return ims_ipsec_table_init(&s->sets);
}

void ims_run_seat_remove(struct ims_run_seat *s, uint32_t id)
{
	const struct ims_ipsec_set *set = ims_ipsec_table_find(&s->sets, id);

	if (!set)
		return;
	if (s->env.watch.set)
		s->env.watch.set(s->env.watch.arg, s->who, set, false);
	s->host->ops->sa_del(s->host, id);
	ims_ipsec_table_del(&s->sets, id);
	ims_run_keep_set_gone(s, id);
}

void ims_run_seat_free(struct ims_run_seat *s)
{
	const struct ims_ipsec_set *set;

	while ((set = ims_ipsec_table_any(&s->sets)))
		ims_run_seat_remove(s, set->id);
	ims_ipsec_table_free(&s->sets);
	s->dirty = true;
	(void)ims_run_keep_safe(s);
}

int ims_run_seat_leave(struct ims_run_seat *s)
{
	int err;

	s->dirty = true;
	err = s->env.keep && ims_run_keep_safe(s) ? 0 : -IMS_E_STORE;
	if (s->host && s->host->ops->leave)
		s->host->ops->leave(s->host);
	ims_ipsec_table_free(&s->sets);
	return err;
}

void ims_run_seat_kill(struct ims_run_seat *s)
{
	ims_ipsec_table_free(&s->sets);
}

/* Line ends, or STUN: no message of SIP. */
static bool is_keepalive(struct ims_str bytes)
{
	return bytes.n == 0 || (uint8_t)bytes.p[0] < ' ';
}

void ims_run_saw(const struct ims_run_seat *s, bool sent,
		 const struct ims_flow *flow, struct ims_str bytes)
{
	const struct ims_ipsec_set *set =
		flow->set ? ims_ipsec_table_find(&s->sets, flow->set) : NULL;
	int arrow = set ? ims_ipsec_arrow(set, flow, sent) : -1;
	struct ims_seen seen = {
		.who = s->who,
		.sent = sent,
		.flow = flow,
		.bytes = bytes,
		.wall_ms = s->env.wall_ms(s->env.arg),
		.spi = arrow >= 0 ? set->sa[arrow].spi : 0,
	};

	if (s->env.watch.seen && !is_keepalive(bytes))
		s->env.watch.seen(s->env.watch.arg, &seen);
}

/* Has inject taken this message?  Then what it wants instead is done. */
static bool injected(struct ims_run_seat *s, enum ims_inject_at at,
		     const struct ims_flow *flow, struct ims_str bytes)
{
	struct ims_inject *j = s->env.inject;

	if (!j || is_keepalive(bytes) ||
	    !ims_inject_message(j, at, flow, bytes, s->env.now_ms(s->env.arg)))
		return false;
	ims_run_inject(s);
	return true;
}

static void deliver(struct ims_run_seat *s, const struct ims_flow *flow,
		    struct ims_str bytes)
{
	s->on(s->unit, &(struct ims_ev){.kind = IMS_EV_MSG,
					.flow = *flow,
					.bytes = bytes});
}

/* What promises something waits until that is safe. */
static bool may_leave(struct ims_run_seat *s, struct ims_str bytes)
{
	return ims_run_full_harmless(bytes) || ims_run_keep_safe(s);
}

static void send_mail(struct ims_run_seat *s, const struct ims_inject_mail *m)
{
	struct ims_flaw why;

	if (!may_leave(s, m->bytes))
		return;
	ims_run_saw(s, true, &m->flow, m->bytes);
	if (s->host->ops->send(s->host, &m->flow, m->bytes, 0, &why))
		ims_trace(s->env.trace, IMS_WARN, "run_perform",
			  "injected, but not sent: %s", why.text);
}

void ims_run_tell(const struct ims_run_seat *s, enum ims_tell tell, int err,
		  struct ims_str text)
{
	struct ims_act act = {.kind = IMS_ACT_TELL,
			      .tell = tell,
			      .err = err,
			      .text = text};

	if (s->env.watch.told)
		s->env.watch.told(s->env.watch.arg, s->who, &act);
}

void ims_run_inject(struct ims_run_seat *s)
{
	struct ims_inject *j = s->env.inject;
	struct ims_inject_mail m;

	while (j && ims_inject_next(j, s->env.now_ms(s->env.arg), &m)) {
		if (m.at == IMS_INJECT_GM_OUT)
			send_mail(s, &m);
		else if (m.at == IMS_INJECT_GM_IN)
			deliver(s, &m.flow, m.bytes);
		else if (m.at == IMS_INJECT_TELL)
			ims_run_tell(s, IMS_TELL_INFO, 0, m.bytes);
		else if (m.at == IMS_INJECT_SA)
			s->host->ops->sa_del(s->host, m.set);
		else if (s->mw)
			s->mw(s->unit, &m);
	}
}

void ims_run_wake(const struct ims_run_seat *s, uint64_t at_ms)
{
	uint64_t due =
		s->env.inject ? ims_inject_due(s->env.inject) : IMS_NEVER;

	s->env.wake(s->env.arg, due < at_ms ? due : at_ms);
}

/* A network that cannot promise says so at once. */
static bool refusal(const struct ims_run_seat *s, struct ims_str bytes,
		    struct ims_buf *out)
{
	return s->who == IMS_WHO_PCSCF && ims_run_full_refusal(bytes, out);
}

static bool send_it(struct ims_run_seat *s, const struct ims_act *act,
		    struct ims_ev *ev, struct ims_flaw *why)
{
	struct ims_str bytes = act->bytes;
	char mem[REFUSAL];
	struct ims_buf b;
	int err;

	if (injected(s, IMS_INJECT_GM_OUT, &act->flow, bytes))
		return false;
	ims_buf_init(&b, mem, sizeof mem);
	if (!may_leave(s, bytes)) {
		if (!refusal(s, bytes, &b))
			return false;
		bytes = ims_buf_str(&b);
	}
	ims_run_saw(s, true, &act->flow, bytes);
	err = s->host->ops->send(s->host, &act->flow, bytes, act->ref, why);
	if (!err)
		return false;
	ims_trace(s->env.trace, IMS_WARN, "run_perform", "not sent: %s",
		  why->text);
	*ev = (struct ims_ev){
		.kind = IMS_EV_UNSENT,
		.flow = act->flow,
		.ref = act->ref,
		.err = err,
		.why = why,
	};
	return true;
}

/* As the host shall have it: not always as the role wants it. */
static int install(struct ims_run_seat *s, const struct ims_ipsec_set *set,
		   struct ims_flaw *why)
{
	struct ims_ipsec_set changed = *set;
	int err = 0;

	if (s->env.inject)
		err = ims_inject_sa(s->env.inject, &changed,
				    s->env.now_ms(s->env.arg));
	if (err)
		ims_flaw(why, err, "refused on purpose (--inject)");
	else
		err = s->host->ops->sa_add(s->host, &changed, why);
	ims_wipe(&changed, sizeof changed);
	ims_run_inject(s);
	return err;
}

/* The set is in the table before it is in the host, so that what is seen on
 * it can be named; a refusal takes it out again.
 */
int ims_run_seat_install(struct ims_run_seat *s,
			 const struct ims_ipsec_set *set, struct ims_flaw *why)
{
	int err = ims_ipsec_table_add(&s->sets, set);

	if (err)
		return ims_flaw(why, err, "set %u", (unsigned)set->id);
	err = install(s, set, why);
	if (err) {
		ims_ipsec_table_del(&s->sets, set->id);
		return err;
	}
	if (s->env.watch.set)
		s->env.watch.set(s->env.watch.arg, s->who, set, true);
	return 0;
}

/* Refused because there is one of that name: then that one stays kept.  Its
 * record has no end: the owner's has, and he says it anew when he is back; a
 * set without owner does not outlive a restart.
 */
static int add_set(struct ims_run_seat *s, const struct ims_ipsec_set *set,
		   struct ims_flaw *why)
{
	struct ims_ipsec_set kept = *set;
	int err;

	if (ims_ipsec_table_find(&s->sets, set->id))
		return ims_flaw(why, -IMS_E_EXISTS, "set %u",
				(unsigned)set->id);
	kept.life_s = 0;
	kept.live = ims_run_keep_set(s, &kept);
	kept.life_s = set->life_s;
	err = ims_run_seat_install(s, &kept, why);
	ims_ipsec_set_wipe(&kept);
	if (err)
		ims_run_keep_set_gone(s, set->id);
	return err;
}

static bool secure(struct ims_run_seat *s, const struct ims_act *act,
		   struct ims_ev *ev, struct ims_flaw *why)
{
	int err = add_set(s, act->add, why);

	*ev = (struct ims_ev){
		.kind = IMS_EV_SA,
		.set = act->add->id,
		.err = err,
		.why = err ? why : NULL,
	};
	return true;
}

bool ims_run_perform(struct ims_run_seat *s, const struct ims_act *act,
		     struct ims_ev *ev, struct ims_flaw *why)
{
	switch (act->kind) {
	case IMS_ACT_SEND:
		return send_it(s, act, ev, why);
	case IMS_ACT_SA_ADD:
		return secure(s, act, ev, why);
	case IMS_ACT_SA_DEL:
		ims_run_seat_remove(s, act->set);
		return false;
	case IMS_ACT_SA_LIFE:
		if (s->host->ops->sa_life)
			s->host->ops->sa_life(s->host, act->set, act->life_s);
		return false;
	case IMS_ACT_KEEP:
		ims_run_keep_put(s, act->keep, act->key, act->bytes);
		return false;
	case IMS_ACT_TELL:
		if (s->env.watch.told)
			s->env.watch.told(s->env.watch.arg, s->who, act);
		return false;
	case IMS_ACT_SIM:
	case IMS_ACT_CX:
		break; /* not a host's business */
	}
	return false;
}

static void up_message(void *arg, const struct ims_flow *flow,
		       struct ims_str bytes)
{
	struct ims_run_seat *s = arg;

	ims_run_saw(s, false, flow, bytes);
	if (injected(s, IMS_INJECT_GM_IN, flow, bytes))
		s->on(s->unit, &(struct ims_ev){.kind = IMS_EV_TICK});
	else
		deliver(s, flow, bytes);
}

/* Nobody but a UE sends keep-alives. */
static void up_pong(void *arg, const struct ims_flow *flow)
{
	struct ims_run_seat *s = arg;

	if (s->who == IMS_WHO_UE)
		s->on(s->unit, &(struct ims_ev){.kind = IMS_EV_MSG,
						.flow = *flow,
						.bytes = IMS_S("\r\n")});
}

static void up_unsent(void *arg, const struct ims_flow *flow, uint32_t ref,
		      int err, const struct ims_flaw *why)
{
	struct ims_run_seat *s = arg;

	s->on(s->unit, &(struct ims_ev){.kind = IMS_EV_UNSENT,
					.flow = *flow,
					.ref = ref,
					.err = err,
					.why = why});
}

static void up_dropped(void *arg, const struct ims_flow *flow, int err)
{
	const struct ims_run_seat *s = arg;
	const struct ims_watch *w = &s->env.watch;

	if (w->dropped)
		w->dropped(w->arg, s->who, flow, err);
}

/* What the host has lost goes everywhere else, too; then its owner hears. */
static void up_sa_gone(void *arg, uint32_t set, int err,
		       const struct ims_flaw *why)
{
	struct ims_run_seat *s = arg;

	ims_run_seat_remove(s, set);
	s->on(s->unit, &(struct ims_ev){.kind = IMS_EV_SA_GONE,
					.set = set,
					.err = err,
					.why = why});
}

struct ims_host_up ims_run_seat_up(struct ims_run_seat *s)
{
	return (struct ims_host_up){
		.message = up_message,
		.unsent = up_unsent,
		.pong = up_pong,
		.dropped = up_dropped,
		.sa_gone = up_sa_gone,
		.arg = s,
	};
}
