/* SPDX-License-Identifier: BSD-2-Clause */
/* scscf_register.c - a REGISTER comes: which one is it? [24.229 5.4.1.1]
 *
 * What must be refused whoever sends it is refused here.  The rest becomes an
 * event of the machine (scscf_reg.c), and only then is anything of the user
 * touched.
 */
#include <stdio.h>
#include <string.h>

#include "reg_text.h"
#include "scscf_priv.h"
#include "sip_addr.h"

/* Option tags that a REGISTER may demand of us; sec-agree is the P-CSCF's. */
static bool knows(const struct ims_scscf *s, struct ims_str tag)
{
	if (ims_str_caseeq(tag, IMS_S("outbound")))
		return s->conf.outbound;
	if (ims_str_caseeq(tag, IMS_S("gruu")))
		return s->conf.gruu;
	return ims_str_caseeq(tag, IMS_S("path")) ||
	       ims_str_caseeq(tag, IMS_S("sec-agree"));
}

static bool check_require(struct ims_scscf *s, const struct ims_scscf_in *in)
{
	struct ims_sip_walk w = ims_sip_walk(in->m, IMS_SIP_REQUIRE);
	char line[512];
	struct ims_str tag;
	struct ims_buf b;

	ims_buf_init(&b, line, sizeof(line));
	while (ims_sip_walk_next(&w, &tag)) {
		if (!knows(s, tag))
			ims_sip_put(&b, IMS_SIP_UNSUPPORTED, tag);
	}
	if (b.n == 0 && !b.over)
		return true;
	ims_scscf_reply(s, in, 420, b.over ? NULL : ims_buf_cstr(&b));
	return false;
}

static bool is_ours(const struct ims_scscf *s, struct ims_str request_uri)
{
	struct ims_sip_uri u;

	if (!s->conf.domain[0])
		return true;
	return ims_sip_uri_parse(request_uri, &u) == 0 &&
	       ims_str_caseeq(u.host, ims_str(s->conf.domain));
}

/* Without credentials the IMPI is what the IMPU is made of [24.229
 * 5.4.1.2.1]: "sip:" and parameters taken off.
 */
static bool take_impi(struct ims_scscf_in *in, const struct ims_sip_uri *to)
{
	struct ims_buf b;

	if (in->auth.username.n)
		return ims_str_copy(in->impi, sizeof(in->impi),
				    in->auth.username);
	ims_buf_init(&b, in->impi, sizeof(in->impi));
	ims_buf_put(&b, to->user);
	ims_buf_putc(&b, '@');
	ims_buf_put(&b, to->host);
	ims_buf_cstr(&b);
	return to->user.n && to->host.n && !b.over;
}

static int take_names(struct ims_scscf_in *in, struct ims_flaw *flaw)
{
	char copy[IMS_ID_MAX];
	struct ims_sip_addr to;

	if (ims_sip_addr_get(in->m, IMS_SIP_TO, &to) || to.star ||
	    to.uri.scheme == IMS_SIP_URI_OTHER ||
	    !ims_str_copy(copy, sizeof(copy), to.uri.text))
		return ims_flaw(flaw, -IMS_E_SIP, "To: no public identity");
	in->impu = to.uri.text;
	in->auth = (struct ims_sip_auth){0};
	if (ims_sip_has(in->m, IMS_SIP_AUTHORIZATION) &&
	    ims_sip_auth_get(in->m, IMS_SIP_AUTHORIZATION, &in->auth))
		return ims_flaw(flaw, -IMS_E_SIP,
				"Authorization: not well-formed Digest");
	in->secured =
		ims_str_caseeq(in->auth.integrity_protected, IMS_S("yes"));
	if ((in->secured && !in->auth.username.n) || !take_impi(in, &to.uri) ||
	    !ims_reg_text_ok(ims_str(in->impi), IMS_ID_MAX))
		return ims_flaw(flaw, -IMS_E_SIP,
				"Authorization: no private identity");
	return 0;
}

static int take_request(const struct ims_scscf *s, struct ims_scscf_in *in,
			struct ims_flaw *flaw)
{
	int err = take_names(in, flaw);

	if (err == 0)
		err = ims_reg_ask_get(in->m, s->conf.default_expires, &in->ask,
				      flaw);
	if (!s->conf.gruu)
		in->ask.gruu = false;
	return err;
}

static bool has_reg_id(const struct ims_reg_ask *ask)
{
	for (size_t i = 0; i < ask->n; i++) {
		if (ask->want[i].reg_id)
			return true;
	}
	return false;
}

/* Did the first hop, whose Path is the last one, mark it [RFC 5626 6]? */
static bool is_marked(const struct ims_sip_msg *m)
{
	struct ims_sip_walk w = ims_sip_walk(m, IMS_SIP_PATH);
	struct ims_str value, last = ims_str(NULL);
	struct ims_sip_param ob;
	struct ims_sip_addr a;

	while (ims_sip_walk_next(&w, &value))
		last = value;
	return ims_sip_addr_parse(last, &a) == 0 &&
	       ims_sip_param_find(a.uri.params, "ob", &ob);
}

static bool asks_outbound(const struct ims_scscf *s,
			  const struct ims_scscf_in *in)
{
	return s->conf.outbound && in->ask.outbound && has_reg_id(&in->ask);
}

bool ims_scscf_is_outbound(const struct ims_scscf *s,
			   const struct ims_scscf_in *in)
{
	return asks_outbound(s, in) && is_marked(in->m);
}

const struct ims_scscf_in *ims_scscf_reread(struct ims_scscf *s,
					    const struct ims_scscf_attempt *a)
{
	struct ims_scscf_in *in = &s->reread.in;

	if (s->reread.of == a)
		return in;
	*in = (struct ims_scscf_in){.m = &s->reread.m,
				    .txn = a->txn,
				    .source = a->source};
	/* it was read before, so it can be read again */
	ims_sip_msg_parse(ims_str_n(a->bytes, a->n_bytes), &s->reread.m, NULL);
	take_request(s, in, NULL);
	s->reread.of = a;
	return in;
}

static void deny(struct ims_scscf *s, const struct ims_scscf_in *in, int err,
		 const char *why)
{
	ims_acts_tell(&s->acts, IMS_TELL_PROBLEM, err, 0,
		      "REGISTER of %s for %.*s refused: %s", in->impi,
		      IMS_STR_ARG(in->impu), why);
	ims_scscf_reply(s, in, 403, NULL);
}

static uint32_t origin_of(const struct ims_scscf *s,
			  const struct ims_scscf_in *in)
{
	return ims_str_hash(ims_sip_get(in->m, IMS_SIP_PATH), s->seed);
}

static bool is_call(const struct ims_scscf_attempt *a, struct ims_str call_id)
{
	return ims_str_eq(ims_str(a->call_id), call_id);
}

/* The attempt whose place this one takes: the same call, or, in the clear,
 * a challenge that went to the same place.  Nobody takes the place of one from
 * elsewhere, nor in the clear that of one inside SAs: the Call-ID is no secret
 * [T12].
 */
static struct ims_scscf_attempt *before(const struct ims_scscf_user *u,
					const struct ims_scscf_in *in,
					uint32_t origin)
{
	struct ims_scscf_attempt *found = NULL;

	ims_list_each (pos, &u->attempts) {
		struct ims_scscf_attempt *a =
			ims_container(pos, struct ims_scscf_attempt, node);

		if (a->secured != in->secured || a->origin != origin)
			continue;
		if (is_call(a, in->m->call_id))
			return a;
		if (!in->secured && a->state == SCSCF_CHALLENGED)
			found = a;
	}
	return found;
}

/* The challenge that this REGISTER speaks of: our nonce, the same Call-ID,
 * and reg-await-auth still runs [24.229 5.4.1.2.2].
 */
static struct ims_scscf_attempt *challenge_of(const struct ims_scscf *s,
					      const struct ims_scscf_in *in)
{
	struct ims_scscf_user *u = NULL;

	while (in->auth.nonce.n &&
	       (u = ims_scscf_user_next(s, ims_str(in->impi), u))) {
		ims_list_each (pos, &u->attempts) {
			struct ims_scscf_attempt *a =
				ims_container(pos, struct ims_scscf_attempt,
					      node);

			if (a->state == SCSCF_CHALLENGED && a->nonce[0] &&
			    ims_str_eq(ims_str(a->nonce), in->auth.nonce) &&
			    is_call(a, in->m->call_id))
				return a;
		}
	}
	return NULL;
}

static void step_with(struct ims_scscf *s, struct ims_scscf_attempt *a,
		      const struct ims_scscf_in *in, enum ims_scscf_on on)
{
	struct ims_scscf_user *u = a ? a->user : NULL;

	if (a && ims_scscf_attempt_hold(s, a, in) == 0) {
		ims_scscf_reg_step(s, a, on, NULL);
		return;
	}
	ims_scscf_reply(s, in, 503, "Retry-After: 5\r\n");
	if (a && a->state == SCSCF_FREE) {
		ims_scscf_attempt_drop(s, a);
		ims_scscf_user_settle(s, u);
	}
}

static void begin_challenge(struct ims_scscf *s, struct ims_scscf_user *u,
			    const struct ims_scscf_in *in)
{
	uint32_t origin = origin_of(s, in);
	struct ims_scscf_attempt *a;

	if (!u)
		u = ims_scscf_user_new(s, ims_str(in->impi));
	if (!u) {
		ims_scscf_reply(s, in, 503, "Retry-After: 5\r\n");
		return;
	}
	if (!in->secured && u->wrong >= IMS_SCSCF_WRONG &&
	    u->pause_ms > s->now_ms) {
		ims_scscf_reply(s, in, 503, "Retry-After: 30\r\n");
		return;
	}
	a = before(u, in, origin);
	if (a && !is_call(a, in->m->call_id)) {
		ims_scscf_attempt_drop(s, a);
		a = NULL;
	}
	if (a && a->state != SCSCF_CHALLENGED) {
		/* the one before it is still being worked on */
		ims_scscf_reply(s, in, 500, "Retry-After: 1\r\n");
		return;
	}
	if (!a)
		a = ims_scscf_attempt_new(s, u, in->m->call_id);
	if (a) {
		a->secured = in->secured;
		a->origin = origin;
		a->rounds = a->wrong = 0;
	}
	step_with(s, a, in, ON_INITIAL);
	if (!a)
		ims_scscf_user_settle(s, u);
}

static bool from_is_in_set(const struct ims_scscf_user *u,
			   const struct ims_scscf_in *in)
{
	struct ims_sip_addr from;

	return ims_sip_addr_get(in->m, IMS_SIP_FROM, &from) == 0 &&
	       ims_scscf_user_has(u, from.uri.text, NULL);
}

/* Has he registered, or left, by a later one? [RFC 3261 10.3 step 7] */
static bool is_overtaken(struct ims_scscf_user *u,
			 const struct ims_scscf_in *in, uint64_t order)
{
	u->binds.order = order;
	return ims_reg_binds_overtaken(&u->binds, &in->ask, in->m);
}

static void take_late(struct ims_scscf *s, const struct ims_scscf_in *in)
{
	ims_acts_tell(&s->acts, IMS_TELL_PROBLEM, -IMS_E_UNEXPECTED, 0,
		      "a REGISTER of %s is older than his last one", in->impi);
	ims_scscf_reply(s, in, 500, NULL);
}

/* It rests on the challenge that he answered the last time. */
static struct ims_scscf_attempt *word_of(struct ims_scscf *s,
					 struct ims_scscf_user *u,
					 const struct ims_scscf_in *in)
{
	struct ims_scscf_attempt *a =
		ims_scscf_attempt_new(s, u, in->m->call_id);

	if (a)
		a->order = u->last_order;
	return a;
}

/* With another of his sets, over the SAs that he proved himself for [34.229-1
 * C.23]; whether it is his the HSS says.
 */
static void take_more(struct ims_scscf *s, struct ims_scscf_user *u,
		      const struct ims_scscf_user *proven,
		      const struct ims_scscf_in *in)
{
	if (!u)
		u = ims_scscf_user_new(s, ims_str(in->impi));
	if (!u) {
		ims_scscf_reply(s, in, 503, "Retry-After: 5\r\n");
		return;
	}
	memcpy(u->last_nonce, proven->last_nonce, sizeof(u->last_nonce));
	u->last_order = proven->last_order;
	step_with(s, word_of(s, u, in), in, ON_REFRESH);
}

/* Inside SAs, with what proved him the last time: the P-CSCF vouches. */
static void take_word(struct ims_scscf *s, struct ims_scscf_user *u,
		      const struct ims_scscf_user *proven,
		      const struct ims_scscf_in *in)
{
	if (!u || u->binds.n == 0)
		take_more(s, u, proven, in);
	else if (!ims_scscf_user_has(u, in->impu, NULL) ||
		 !from_is_in_set(u, in))
		deny(s, in, -IMS_E_NOT_MINE, "not a public identity of his");
	else if (in->ask.n == 0 && !in->ask.star)
		ims_scscf_welcome(s, in, u); /* only asks what is there */
	else if (is_overtaken(u, in, u->last_order))
		take_late(s, in);
	else
		step_with(s, word_of(s, u, in), in,
			  in->ask.leaves ? ON_LEAVE : ON_REFRESH);
}

/* Who is registered, with any of his sets, by the nonce that this one repeats.
 * NULL: nobody.
 */
static const struct ims_scscf_user *proven_of(const struct ims_scscf *s,
					      const struct ims_scscf_in *in)
{
	struct ims_scscf_user *u = NULL;

	while ((u = ims_scscf_user_next(s, ims_str(in->impi), u))) {
		if (in->secured && u->binds.n && u->last_nonce[0] &&
		    ims_str_eq(ims_str(u->last_nonce), in->auth.nonce))
			return u;
	}
	return NULL;
}

/* u NULL or not registered: it is for a set that is yet to be added. */
static bool may_take_word(const struct ims_scscf *s,
			  const struct ims_scscf_user *u,
			  const struct ims_scscf_user *proven,
			  const struct ims_scscf_in *in)
{
	bool leaves_or_asks = in->ask.leaves || in->ask.n == 0;

	if (!proven || in->auth.response.n == 0)
		return false;
	if (leaves_or_asks)
		return u && u->binds.n;
	return !s->conf.challenge_refresh && !proven->reauth &&
	       !(u && u->reauth);
}

/* The answer to it was lost, and so was the transaction that would have sent
 * it again: we were started anew in between.  He is registered, and nothing
 * changes by saying so once more.
 */
static bool is_repeat(struct ims_scscf_user *u,
		      const struct ims_scscf_user *proven,
		      const struct ims_scscf_in *in)
{
	return proven && u && u->binds.n &&
	       ims_scscf_user_has(u, in->impu, NULL) && from_is_in_set(u, in) &&
	       ims_reg_binds_repeats(&u->binds, &in->ask, in->m);
}

/* He has left already, and only has not heard so: as above.  What he wants is
 * so, whoever he is; inside SAs there is nothing to prove for it [24.229
 * 5.4.1.4].
 */
static bool has_left(const struct ims_scscf_user *u,
		     const struct ims_scscf_in *in)
{
	return in->secured && in->ask.leaves && in->auth.response.n &&
	       (!u || u->binds.n == 0);
}

/* The UE did not like our challenge: whoever runs the core must not have to
 * guess why nothing comes of it.
 */
static void tell_complaint(struct ims_scscf *s, const struct ims_scscf_in *in)
{
	char impi[IMS_ID_MAX];

	ims_printable(ims_str(in->impi), impi, sizeof impi);
	if (in->auth.auts.n)
		ims_acts_tell(&s->acts, IMS_TELL_PROBLEM, -IMS_E_AKA_SQN, 0,
			      "%s resynchronises: SQN was out of its range",
			      impi);
	else
		ims_acts_tell(&s->acts, IMS_TELL_PROBLEM, -IMS_E_AKA_MAC, 0,
			      "%s refuses our challenge: the MAC of AUTN is "
			      "wrong for its USIM",
			      impi);
}

static enum ims_scscf_on complaint(struct ims_scscf *s,
				   struct ims_scscf_attempt *a,
				   const struct ims_scscf_in *in)
{
	tell_complaint(s, in);
	if (++a->rounds > IMS_SCSCF_ROUNDS)
		return ON_TOO_MANY;
	return in->auth.auts.n ? ON_AUTS : ON_REJECTED;
}

static void answer_to_challenge(struct ims_scscf *s,
				struct ims_scscf_attempt *a,
				const struct ims_scscf_in *in)
{
	enum ims_scscf_on on;

	if (in->auth.auts.n || in->auth.response.n == 0) {
		on = complaint(s, a, in);
	} else if (!in->secured && !s->conf.allow_clear) {
		/* whoever it is, the challenge stays for whom it is for */
		deny(s, in, -IMS_E_CLEAR, "the response came outside of SAs");
		return;
	} else if (ims_scscf_verify(s, a, in)) {
		on = a->wrong < s->conf.wrong_again ? ON_WRONG_AGAIN : ON_WRONG;
	} else if (is_overtaken(a->user, in, a->order)) {
		on = ON_OVERTAKEN;
	} else {
		on = in->ask.leaves ? ON_PROVEN_LEAVE : ON_PROVEN;
	}
	step_with(s, a, in, on);
}

static void classify(struct ims_scscf *s, const struct ims_scscf_in *in)
{
	struct ims_scscf_user *u =
		ims_scscf_user_of(s, ims_str(in->impi), in->impu);
	const struct ims_scscf_user *proven = proven_of(s, in);
	struct ims_scscf_attempt *a = challenge_of(s, in);

	if (!a && is_repeat(u, proven, in))
		ims_scscf_welcome(s, in, u);
	else if (!a && may_take_word(s, u, proven, in))
		take_word(s, u, proven, in);
	else if (!a && !proven && has_left(u, in))
		ims_scscf_reply(s, in, 200, NULL);
	else if (in->ask.n == 0 && !in->ask.star)
		ims_scscf_reply(s, in, 400, NULL); /* nothing to bind */
	else if (a)
		answer_to_challenge(s, a, in);
	else
		begin_challenge(s, u, in);
}

void ims_scscf_register(struct ims_scscf *s, struct ims_scscf_in *in)
{
	char line[64];
	struct ims_flaw flaw;

	if (!check_require(s, in))
		return;
	if (s->stopped) {
		ims_scscf_reply(s, in, 503, NULL);
		return;
	}
	if (take_request(s, in, &flaw)) {
		ims_acts_tell(&s->acts, IMS_TELL_PROBLEM, flaw.err, 0, "%s",
			      flaw.text);
		ims_scscf_reply(s, in, 400, NULL);
	} else if (!is_ours(s, in->m->uri)) {
		deny(s, in, -IMS_E_REFUSED, "not our domain");
	} else if (in->ask.shortest && in->ask.shortest < s->conf.min_expires) {
		snprintf(line, sizeof(line), "Min-Expires: %u\r\n",
			 (unsigned)s->conf.min_expires);
		ims_scscf_reply(s, in, 423, line);
	} else if (asks_outbound(s, in) && !ims_scscf_is_outbound(s, in)) {
		ims_scscf_reply(s, in, 439, NULL);
	} else {
		classify(s, in);
	}
}

static bool in_set(const struct ims_cx_ans *ans, struct ims_str impu)
{
	for (size_t i = 0; i < ans->n_impus; i++) {
		if (ims_sip_uri_aor_eq(ims_str(ans->impu[i].uri), impu))
			return true;
	}
	return false;
}

static bool all_barred(const struct ims_cx_ans *ans)
{
	for (size_t i = 0; i < ans->n_impus; i++) {
		if (!ans->impu[i].barred)
			return false;
	}
	return true;
}

/* The HSS looked at To; From must not name somebody else either. */
static bool are_his(struct ims_scscf *s, const struct ims_scscf_attempt *a,
		    const struct ims_cx_ans *ans)
{
	const struct ims_scscf_in *in = ims_scscf_reread(s, a);
	struct ims_sip_addr from;

	return ims_sip_addr_get(in->m, IMS_SIP_FROM, &from) == 0 &&
	       in_set(ans, from.uri.text) && in_set(ans, in->impu);
}

void ims_scscf_cx(struct ims_scscf *s, const struct ims_cx_ans *ans)
{
	struct ims_map_node *n = ims_map_first(&s->cx, ans->ref);
	struct ims_scscf_cx cx = {ans, ans->err};
	struct ims_scscf_attempt *a;

	if (!n)
		return; /* it came too late, or nobody waits for it */
	a = ims_container(n, struct ims_scscf_attempt, cx_node);
	if (a->state == SCSCF_CHALLENGED)
		return;
	if (cx.err == 0 && ans->n_impus > IMS_IMPU_MAX)
		cx.err = -IMS_E_STORE;
	if (cx.err == 0 && !are_his(s, a, ans))
		cx.err = -IMS_E_NOT_MINE;
	/* he could never be called, nor call: nothing to register for */
	if (cx.err == 0 && all_barred(ans))
		cx.err = -IMS_E_REFUSED;
	ims_scscf_reg_step(s, a, cx.err ? ON_CX_FAIL : ON_CX_OK, &cx);
}
