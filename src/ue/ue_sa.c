/* SPDX-License-Identifier: BSD-2-Clause */
/* ue_sa.c - offers, and the UE's SA sets: temporary, in use, old.
 *
 * The set's id is its spi_us: that number has to be unique on the host anyway.
 * A set ends when SIP says so.  The back-end's own lifetime follows behind, for
 * the day when nobody is left to say so.
 *
 * Spec: TS 24.229 5.1.1.5; TS 33.203 7.1, 7.4; RFC 3329 2.3.1; spec.md 8.1.
 */
#include "ue_priv.h"

#include "base_mem.h"

#define GUARD_S 30 /* a set outlives its registration by this much */
#define TEXT_MAX 4096

static void put_list(struct ims_ue *ue, struct ims_buf *b)
{
	struct ims_sip_sec list[IMS_SIP_SEC_MAX];
	size_t n = ims_secagree_offer(&ue->conf.policy, &ue->offer, list,
				      IMS_SIP_SEC_MAX);

	for (size_t i = 0; i < n; i++) {
		if (i)
			ims_buf_puts(b, ims_ue_join(ue));
		ims_ue_put_mechanism(ue, b, &list[i]);
	}
}

int ims_ue_offer(struct ims_ue *ue)
{
	char mem[TEXT_MAX];
	struct ims_buf b;

	/* An offer that was never taken up may be made again [24.229
	 * 5.1.1.4]: only a challenge uses it up.
	 */
	if (!ue->unchallenged || ue->client.n == 0) {
		int err = ims_ue_numbers(ue);

		if (err)
			return err;
	}
	ue->unchallenged = true;
	ims_buf_init(&b, mem, sizeof mem);
	put_list(ue, &b);
	if (b.n == 0 || b.over)
		return -IMS_E_NO_MECH;
	return ims_ue_keep(&ue->client, ims_buf_str(&b)) ? 0 : -IMS_E_NOMEM;
}

/* All lines of Security-Server as one list, byte for byte: Security-Verify
 * mirrors what came, also what we do not understand [RFC 3329 2.3.1].
 */
static bool keep_server(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	char mem[TEXT_MAX];
	struct ims_buf b;

	ims_buf_init(&b, mem, sizeof mem);
	for (size_t i = 0; i < m->n_hdrs; i++) {
		if (m->hdr[i].id != IMS_SIP_SECURITY_SERVER)
			continue;
		if (b.n)
			ims_buf_puts(&b, ", ");
		ims_buf_put(&b, m->hdr[i].value);
	}
	return !b.over && ims_ue_keep(&ue->ch.server, ims_buf_str(&b));
}

/* The peer must not take our SPIs for its own: it could then send our own
 * packets back to us [33.203 7.1].
 */
static int reflects(const struct ims_ue *ue, const struct ims_secagree_end *p,
		    struct ims_flaw *why)
{
	const struct ims_secagree_end *me = &ue->offer;

	if (p->spi_c != me->spi_c && p->spi_c != me->spi_s &&
	    p->spi_s != me->spi_c && p->spi_s != me->spi_s)
		return 0;
	return ims_flaw(why, -IMS_E_SEC_PARAM,
			"Security-Server repeats an SPI of ours");
}

void ims_ue_choose(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	struct ims_sip_sec list[IMS_SIP_SEC_MAX];
	struct ue_challenge *ch = &ue->ch;
	size_t n = 0;

	ch->choice_why = (struct ims_flaw){0};
	ch->pcscf = (struct ims_secagree_end){.ip = ims_ue_pcscf(ue).ip};
	ch->has_server = ims_sip_has(m, IMS_SIP_SECURITY_SERVER);
	if (!ch->has_server) {
		ch->choice = ims_flaw(&ch->choice_why, -IMS_E_NO_SERVER,
				      "no Security-Server in it");
		return;
	}
	ch->choice = keep_server(ue, m) ? 0 : -IMS_E_TOOBIG;
	if (!ch->choice)
		ch->choice =
			ims_sip_sec_get(m, IMS_SIP_SECURITY_SERVER, list,
					IMS_SIP_SEC_MAX, &n, &ch->choice_why);
	if (!ch->choice)
		ch->choice = ims_secagree_choose(&ue->conf.policy, list, n,
						 &ch->suite, &ch->pcscf,
						 &ch->choice_why);
	if (!ch->choice)
		ch->choice = reflects(ue, &ch->pcscf, &ch->choice_why);
	if (ch->choice && !ch->choice_why.text[0])
		ims_flaw(&ch->choice_why, ch->choice, "%s",
			 ims_err_info(ch->choice)->what);
}

static void tell_agreed(struct ims_ue *ue, const struct ims_ipsec_set *set)
{
	const struct ims_secagree_end *me = &ue->temp.me;
	const struct ims_secagree_end *p = &ue->temp.pcscf;
	char suite[IMS_SUITE_TEXT];

	ims_acts_tell(&ue->acts, IMS_TELL_AGREED, 0, set->id,
		      "agreed on %s: uc %u -> ps %u spi %u, ps -> uc spi %u, "
		      "pc %u -> us %u spi %u, us -> pc spi %u",
		      ims_ipsec_suite_text(set->suite, suite), me->port_c,
		      p->port_s, (unsigned)p->spi_s, (unsigned)me->spi_c,
		      p->port_c, me->port_s, (unsigned)me->spi_s,
		      (unsigned)p->spi_c);
}

/* Also when it lives shorter than it was to. */
void ims_ue_pin(struct ims_ue *ue, const struct ue_set *s)
{
	if (s->id)
		ims_acts_sa_life(&ue->acts, s->id,
				 s->until_ms > ue->now_ms
					 ? s->until_ms - ue->now_ms
					 : 0);
}

int ims_ue_add_temp(struct ims_ue *ue)
{
	struct ims_secagree agreed = {ue->offer, ue->ch.pcscf, ue->ch.suite};
	struct ims_ipsec_set set = {0};
	int err;

	/* Its numbers may be the very same: it has to go first. */
	ims_ue_drop(ue, &ue->temp);
	/* A P-CSCF that gives out a port_pc again has ended the set it had. */
	if (ue->old.id && ue->old.me.port_s == ue->offer.port_s &&
	    ue->old.pcscf.port_c == ue->ch.pcscf.port_c)
		ims_ue_drop(ue, &ue->old);
	err = ims_secagree_derive(&agreed, true, ue->ck, ue->ik, &set);
	ims_wipe(ue->ck, sizeof ue->ck);
	ims_wipe(ue->ik, sizeof ue->ik);
	if (err)
		return ims_flaw(&ue->why, err, "keys of the SAs");
	if (!ims_ue_keep(&ue->temp.verify, ims_ue_text(&ue->ch.server))) {
		ims_ipsec_set_wipe(&set);
		return ims_flaw(&ue->why, -IMS_E_NOMEM, "SA set");
	}
	set.id = ue->offer.spi_s;
	ue->temp.id = set.id;
	ue->temp.me = agreed.ue;
	ue->temp.pcscf = agreed.pcscf;
	ue->temp.suite = agreed.suite;
	ue->temp.udp = ims_role_flow(&set, IMS_UDP);
	ue->temp.until_ms = ue->now_ms + ue->conf.reg_await_auth_ms;
	ue->temp.heard = false;
	ue->unchallenged = false;
	set.life_s = ims_role_life_s(ue->conf.reg_await_auth_ms);
	tell_agreed(ue, &set);
	ims_acts_sa_add(&ue->acts, &set);
	ims_ipsec_set_wipe(&set);
	return 0;
}

void ims_ue_drop(struct ims_ue *ue, struct ue_set *s)
{
	if (s->id)
		ims_acts_sa_del(&ue->acts, s->id);
	s->id = 0;
	s->until_ms = 0;
	s->heard = false;
}

void ims_ue_drop_all(struct ims_ue *ue)
{
	ims_ue_drop(ue, &ue->temp);
	ims_ue_drop(ue, &ue->now);
	ims_ue_drop(ue, &ue->old);
}

/* What answers of ours still go through is kept as the old one: a NOTIFY may be
 * repeated until timer J [24.229 5.1.1.7].
 */
void ims_ue_retire_all(struct ims_ue *ue)
{
	uint64_t until = ue->now_ms + UINT64_C(64) * ue->conf.timers.t1_ms;
	struct ue_set freed;

	ims_ue_drop(ue, &ue->temp);
	if (ue->now.id && ims_txns_uses_set(&ue->txns, ue->now.id)) {
		ims_ue_drop(ue, &ue->old);
		freed = ue->old;
		ue->old = ue->now;
		ue->now = freed;
	}
	ims_ue_drop(ue, &ue->now);
	if (ue->old.id && ue->old.until_ms > until) {
		ue->old.until_ms = until;
		ims_ue_pin(ue, &ue->old);
	}
}

/* The next registration is the first again: fixed numbers serve once more. */
void ims_ue_offer_forget(struct ims_ue *ue)
{
	ue->offered_before = false;
	ue->unchallenged = false;
	ue->client.n = 0;
	ue->offer = (struct ims_secagree_end){0};
}

void ims_ue_establish(struct ims_ue *ue)
{
	struct ue_set freed;

	if (!ue->temp.id)
		return;
	if (ue->now.id || !ue->old.id) {
		ims_ue_drop(ue, &ue->old);
		freed = ue->old;
		ue->old = ue->now;
	} else { /* an old one of a registration before still drains */
		freed = ue->now;
	}
	ue->now = ue->temp;
	ue->now.until_ms = 0; /* ims_ue_live() says */
	ue->temp = freed;
}

/* max(what the former set had, expiry + 30 s) [24.229 5.1.1.4]. */
void ims_ue_live(struct ims_ue *ue, uint32_t expires_s)
{
	uint64_t until = ue->now_ms + (UINT64_C(1000) * expires_s) +
			 UINT64_C(1000) * GUARD_S;

	if (!ue->now.id)
		return;
	if (ue->old.id && ue->old.until_ms > until)
		until = ue->old.until_ms;
	if (ue->now.until_ms < until)
		ue->now.until_ms = until;
	ims_ue_pin(ue, &ue->now);
}

void ims_ue_heard(struct ims_ue *ue, uint32_t set)
{
	if (set && set == ue->now.id)
		ue->now.heard = true;
}

const struct ue_set *ims_ue_find_set(const struct ims_ue *ue, uint32_t id)
{
	if (id && id == ue->now.id)
		return &ue->now;
	if (id && id == ue->temp.id)
		return &ue->temp;
	return id && id == ue->old.id ? &ue->old : NULL;
}

/* By UDP the P-CSCF answers over the set that is in use for it by then [24.229
 * 5.2.2].
 */
bool ims_ue_same_peer(const void *ue, uint32_t asked, uint32_t came)
{
	const struct ims_ue *u = ue;

	return (asked == u->old.id && came == u->now.id) ||
	       (asked == u->now.id && came == u->old.id);
}

/* The old set goes when the P-CSCF has used the new one (or there is none) and
 * nothing of ours is under way on it, or with its own life [24.229 5.1.1.5.1].
 */
static bool old_is_over(const struct ims_ue *ue)
{
	if (!ue->old.id)
		return false;
	if (ue->old.until_ms <= ue->now_ms)
		return true;
	return (ue->now.heard || !ue->now.id) &&
	       !ims_txns_uses_set(&ue->txns, ue->old.id);
}

void ims_ue_sets_due(struct ims_ue *ue)
{
	if (old_is_over(ue)) {
		ims_ue_drop(ue, &ue->old);
		ims_ue_remember(ue);
	}
	/* reg-await-auth is over, and the REGISTER still not answered. */
	if (ue->temp.id && ue->temp.until_ms <= ue->now_ms)
		ims_ue_on_silence(ue, UE_REF_REGISTER);
}

uint64_t ims_ue_sets_next(const struct ims_ue *ue)
{
	uint64_t at = ue->old.id ? ue->old.until_ms : IMS_NEVER;

	return ue->temp.id && ue->temp.until_ms < at ? ue->temp.until_ms : at;
}
