/* SPDX-License-Identifier: BSD-2-Clause */
/* scscf_reg.c - one attempt to register, from question to answer.
 *
 * What a REGISTER means is decided before it gets here (scscf_register.c).
 * The registration itself is not a state of this machine: the user has it or
 * not, whatever an attempt comes to; so a wrong response never ends it.
 *
 * Spec: TS 24.229 5.4.1; TS 33.203 6.1; RFC 3310 3.
 */
#include <string.h>

#include "base_mem.h"
#include "scscf_priv.h"

typedef void action(struct ims_scscf *, struct ims_scscf_attempt *,
		    const struct ims_scscf_cx *);

static action ask_vector, ask_resync, challenge, forget;
static action save, save_leave, admit, leave;
static action deny, ask_again, give_up, overtaken, refuse, no_answer;

/* clang-format off */
static const struct row {
	struct ims_arc arc;
	action *act;
} rows[] = {
	/* in               on               to                spec                  act */
	{{SCSCF_FREE,       ON_INITIAL,      SCSCF_ASKING,     "24.229 5.4.1.2.1"},  ask_vector},
	{{SCSCF_FREE,       ON_REFRESH,      SCSCF_SAVING,     "24.229 5.4.1.2.2"},  save},
	{{SCSCF_FREE,       ON_LEAVE,        SCSCF_LEAVING,    "24.229 5.4.1.4"},    save_leave},
	{{SCSCF_ASKING,     ON_CX_OK,        SCSCF_CHALLENGED, "24.229 5.4.1.2.1"},  challenge},
	{{SCSCF_ASKING,     ON_CX_FAIL,      SCSCF_FREE,       "24.229 5.4.1.2.1"},  refuse},
	{{SCSCF_ASKING,     ON_TIMEOUT,      SCSCF_FREE,       "29.228 6.3"},        no_answer},
	{{SCSCF_CHALLENGED, ON_INITIAL,      SCSCF_ASKING,     "24.229 5.4.1.2.1"},  ask_vector},
	{{SCSCF_CHALLENGED, ON_PROVEN,       SCSCF_SAVING,     "24.229 5.4.1.2.2"},  save},
	{{SCSCF_CHALLENGED, ON_PROVEN_LEAVE, SCSCF_LEAVING,    "24.229 5.4.1.4"},    save_leave},
	{{SCSCF_CHALLENGED, ON_WRONG,        SCSCF_FREE,       "24.229 5.4.1.2.3"},  deny},
	{{SCSCF_CHALLENGED, ON_WRONG_AGAIN,  SCSCF_ASKING,     "24.229 5.4.1.2.3"},  ask_again},
	{{SCSCF_CHALLENGED, ON_AUTS,         SCSCF_ASKING,     "33.203 6.1.3"},      ask_resync},
	{{SCSCF_CHALLENGED, ON_REJECTED,     SCSCF_ASKING,     "33.203 6.1.2"},      ask_vector},
	{{SCSCF_CHALLENGED, ON_TOO_MANY,     SCSCF_FREE,       "24.229 5.4.1.2.3"},  give_up},
	{{SCSCF_CHALLENGED, ON_OVERTAKEN,    SCSCF_FREE,       "RFC 3261 10.3"},     overtaken},
	{{SCSCF_CHALLENGED, ON_TIMEOUT,      SCSCF_FREE,       "24.229 5.4.1.2.3"},  forget},
	{{SCSCF_SAVING,     ON_CX_OK,        SCSCF_FREE,       "24.229 5.4.1.2.2"},  admit},
	{{SCSCF_SAVING,     ON_CX_FAIL,      SCSCF_FREE,       "29.228 6.1.2"},      refuse},
	{{SCSCF_SAVING,     ON_TIMEOUT,      SCSCF_FREE,       "29.228 6.1.2"},      no_answer},
	{{SCSCF_LEAVING,    ON_CX_OK,        SCSCF_FREE,       "24.229 5.4.1.4"},    leave},
	{{SCSCF_LEAVING,    ON_CX_FAIL,      SCSCF_FREE,       "24.229 5.4.1.4"},    leave},
	{{SCSCF_LEAVING,    ON_TIMEOUT,      SCSCF_FREE,       "24.229 5.4.1.4"},    leave},
};

static const char *const states[] = {
	[SCSCF_FREE] = "free",             [SCSCF_ASKING] = "asking",
	[SCSCF_CHALLENGED] = "challenged", [SCSCF_SAVING] = "saving",
	[SCSCF_LEAVING] = "leaving",
};

static const char *const events[] = {
	[ON_INITIAL] = "initial",           [ON_REFRESH] = "refresh",
	[ON_LEAVE] = "leave",               [ON_PROVEN] = "proven",
	[ON_PROVEN_LEAVE] = "proven-leave", [ON_WRONG] = "wrong",
	[ON_WRONG_AGAIN] = "wrong-again",
	[ON_AUTS] = "auts",                 [ON_REJECTED] = "rejected",
	[ON_TOO_MANY] = "too-many",         [ON_OVERTAKEN] = "overtaken",
	[ON_CX_OK] = "cx-ok",
	[ON_CX_FAIL] = "cx-fail",           [ON_TIMEOUT] = "timeout",
};
/* clang-format on */

const struct ims_fsm ims_scscf_reg_fsm =
	IMS_FSM("scscf-reg", rows, states, events);

void ims_scscf_reg_step(struct ims_scscf *s, struct ims_scscf_attempt *a,
			enum ims_scscf_on on, const struct ims_scscf_cx *cx)
{
	struct ims_scscf_user *u = a->user;
	int i = ims_fsm_step(&ims_scscf_reg_fsm, &a->state, on, s->trace);

	if (i >= 0)
		rows[i].act(s, a, cx);
	if (a->state == SCSCF_FREE) {
		ims_scscf_attempt_drop(s, a);
		ims_scscf_user_settle(s, u);
	}
}

/* A nonce is good once, whatever comes of it. */
static void use_up(struct ims_scscf_attempt *a)
{
	ims_wipe(a->nonce, sizeof(a->nonce));
	ims_wipe(&a->vector, sizeof(a->vector));
}

static void ask(struct ims_scscf *s, struct ims_scscf_attempt *a,
		struct ims_cx_req *req)
{
	const struct ims_scscf_in *in = ims_scscf_reread(s, a);

	req->ref = a->cx_node.hash;
	memcpy(req->impi, in->impi, sizeof(req->impi));
	ims_str_copy(req->impu, sizeof(req->impu), in->impu);
	if (req->resync && ims_digest_auts_open(in->auth.auts, req->auts))
		memset(req->auts, 0, sizeof(req->auts)); /* no MAC-S fits */
	ims_acts_cx(&s->acts, req);
	ims_heap_set(&s->due, &a->due, s->now_ms + IMS_SCSCF_CX_MS);
}

static void ask_vector(struct ims_scscf *s, struct ims_scscf_attempt *a,
		       const struct ims_scscf_cx *cx)
{
	struct ims_cx_req req = {.kind = IMS_CX_MAR};

	(void)cx;
	use_up(a);
	ask(s, a, &req);
}

/* With the RAND that the AUTS must belong to: ours, once. */
static void ask_resync(struct ims_scscf *s, struct ims_scscf_attempt *a,
		       const struct ims_scscf_cx *cx)
{
	struct ims_cx_req req = {.kind = IMS_CX_MAR, .resync = true};

	(void)cx;
	memcpy(req.rand, a->vector.rand, sizeof(req.rand));
	use_up(a);
	ask(s, a, &req);
}

static void challenge(struct ims_scscf *s, struct ims_scscf_attempt *a,
		      const struct ims_scscf_cx *cx)
{
	const struct ims_scscf_in *in = ims_scscf_reread(s, a);
	struct ims_buf b;

	a->vector = cx->ans->vector;
	a->order = ++s->challenges;
	ims_buf_init(&b, a->nonce, sizeof(a->nonce));
	ims_digest_nonce_put(&b, a->vector.rand, a->vector.autn);
	ims_buf_cstr(&b);
	ims_scscf_challenge(s, in, a);
	if (!s->conf.mw_loses)
		ims_txns_forget(&s->txns, a->txn);
	/* they are the P-CSCF's and the UE's now */
	ims_wipe(a->vector.ck, sizeof(a->vector.ck));
	ims_wipe(a->vector.ik, sizeof(a->vector.ik));
	ims_scscf_attempt_release(s, a);
	ims_heap_set(&s->due, &a->due, s->now_ms + s->conf.reg_await_auth_ms);
}

/* reg-await-auth: the user stays what he was. */
static void forget(struct ims_scscf *s, struct ims_scscf_attempt *a,
		   const struct ims_scscf_cx *cx)
{
	(void)cx;
	ims_acts_tell(&s->acts, IMS_TELL_PROBLEM, -IMS_E_SILENCE, 0,
		      "%s did not answer the challenge", a->user->impi);
}

static void save_as(struct ims_scscf *s, struct ims_scscf_attempt *a,
		    enum ims_cx_assign assign)
{
	struct ims_cx_req req = {.kind = IMS_CX_SAR, .assign = assign};

	if (a->nonce[0]) {
		memcpy(a->user->last_nonce, a->nonce, sizeof(a->nonce));
		a->user->reauth = false;
		if (a->user->last_order < a->order)
			a->user->last_order = a->order;
	}
	a->user->wrong = 0;
	a->user->pause_ms = 0;
	use_up(a);
	ask(s, a, &req);
}

static void save(struct ims_scscf *s, struct ims_scscf_attempt *a,
		 const struct ims_scscf_cx *cx)
{
	(void)cx;
	save_as(s, a, IMS_CX_REGISTERED);
}

static void save_leave(struct ims_scscf *s, struct ims_scscf_attempt *a,
		       const struct ims_scscf_cx *cx)
{
	const struct ims_scscf_in *in = ims_scscf_reread(s, a);

	(void)cx;
	save_as(s, a,
		ims_reg_binds_empties(&a->user->binds, &in->ask)
			? IMS_CX_DEREGISTERED
			: IMS_CX_REGISTERED);
}

static void tell_registered(struct ims_scscf *s, const struct ims_scscf_user *u,
			    const struct ims_scscf_in *in, bool was)
{
	ims_acts_tell(&s->acts, was ? IMS_TELL_REFRESHED : IMS_TELL_REGISTERED,
		      0, 0, "%s as %.*s, %zu contact%s", u->impi,
		      IMS_STR_ARG(in->impu), u->binds.n,
		      u->binds.n == 1 ? "" : "s");
}

/* Binds, or says why not; what is then known is the user's state. */
static bool bind_contacts(struct ims_scscf *s, struct ims_scscf_attempt *a,
			  const struct ims_scscf_in *in)
{
	struct ims_scscf_user *u = a->user;
	bool was = u->binds.n > 0;
	int err;

	u->binds.last_id = s->last_contact;
	u->binds.order = a->order;
	err = ims_reg_binds_apply(&u->binds, &in->ask, in->m,
				  s->conf.max_expires, s->now_ms);
	s->last_contact = u->binds.last_id;
	ims_scscf_user_count(s, u, was);
	if (err == 0)
		return true;
	ims_acts_tell(&s->acts, IMS_TELL_PROBLEM, err, 0,
		      "the contacts of %s could not be bound", u->impi);
	if (err == -IMS_E_UNEXPECTED)
		ims_scscf_reply(s, in, 500, NULL);
	else if (err == -IMS_E_TOOBIG)
		ims_scscf_reply(s, in, 403, NULL);
	else
		ims_scscf_reply(s, in, 503, "Retry-After: 5\r\n");
	return false;
}

static void answer(struct ims_scscf *s, struct ims_scscf_attempt *a, int err,
		   unsigned status);

static void admit(struct ims_scscf *s, struct ims_scscf_attempt *a,
		  const struct ims_scscf_cx *cx)
{
	struct ims_scscf_user *u = a->user;
	bool was = u->binds.n > 0;
	const struct ims_scscf_in *in = ims_scscf_reread(s, a);

	/* meanwhile he has registered with another of his sets */
	if (was && u->set != cx->ans->impu[0].set) {
		answer(s, a, -IMS_E_UNEXPECTED, 500);
		return;
	}
	if (ims_scscf_user_impus(s, u, cx->ans)) {
		ims_scscf_reply(s, in, 503, "Retry-After: 5\r\n");
		return;
	}
	if (!bind_contacts(s, a, in))
		return;
	ims_scscf_user_has(u, in->impu, &u->explicit_impu);
	if (in->ask.gruu)
		ims_scscf_keep_secret(s);
	tell_registered(s, u, in, was);
	ims_scscf_changed(s, u);
	ims_scscf_welcome(s, in, u);
	ims_scscf_notify_all(s, u);
}

/* Whatever the HSS says to it: who wants to go, goes. */
static void leave(struct ims_scscf *s, struct ims_scscf_attempt *a,
		  const struct ims_scscf_cx *cx)
{
	struct ims_scscf_user *u = a->user;
	const struct ims_scscf_in *in = ims_scscf_reread(s, a);

	(void)cx;
	if (!bind_contacts(s, a, in))
		return;
	if (u->binds.n == 0) {
		ims_scscf_forget_challenges(s, u);
		ims_acts_tell(&s->acts, IMS_TELL_DEREGISTERED, 0, 0,
			      "%s de-registered", u->impi);
	}
	ims_scscf_changed(s, u);
	ims_scscf_welcome(s, in, u);
	ims_scscf_notify_all(s, u);
}

static void answer(struct ims_scscf *s, struct ims_scscf_attempt *a, int err,
		   unsigned status)
{
	const struct ims_scscf_in *in = ims_scscf_reread(s, a);

	ims_acts_tell(&s->acts, IMS_TELL_PROBLEM, err, 0,
		      "REGISTER of %s for %.*s refused with %u", in->impi,
		      IMS_STR_ARG(in->impu), status);
	ims_scscf_reply(s, in, status,
			status == 503 ? "Retry-After: 5\r\n" : NULL);
}

static void count_wrong(struct ims_scscf *s, struct ims_scscf_user *u)
{
	u->wrong++;
	u->pause_ms = s->now_ms + IMS_SCSCF_PAUSE_MS;
	ims_scscf_user_count(s, u, u->binds.n > 0);
}

/* One try per nonce, but there are more nonces. */
static void ask_again(struct ims_scscf *s, struct ims_scscf_attempt *a,
		      const struct ims_scscf_cx *cx)
{
	a->wrong++;
	count_wrong(s, a->user);
	ims_acts_tell(&s->acts, IMS_TELL_PROBLEM, -IMS_E_AKA_RES, 0,
		      "%s gave a wrong response and is challenged again",
		      a->user->impi);
	ask_vector(s, a, cx);
}

/* One try per nonce; the registration that he may have stays. */
static void deny(struct ims_scscf *s, struct ims_scscf_attempt *a,
		 const struct ims_scscf_cx *cx)
{
	(void)cx;
	use_up(a);
	count_wrong(s, a->user);
	answer(s, a, -IMS_E_AKA_RES, 403);
}

static void give_up(struct ims_scscf *s, struct ims_scscf_attempt *a,
		    const struct ims_scscf_cx *cx)
{
	(void)cx;
	answer(s, a, -IMS_E_AKA_MAC, 403);
}

/* Who answers it is right, but does not know what he did since [step 7]. */
static void overtaken(struct ims_scscf *s, struct ims_scscf_attempt *a,
		      const struct ims_scscf_cx *cx)
{
	(void)cx;
	use_up(a);
	answer(s, a, -IMS_E_UNEXPECTED, 500);
}

static void refuse(struct ims_scscf *s, struct ims_scscf_attempt *a,
		   const struct ims_scscf_cx *cx)
{
	answer(s, a, cx->err, cx->err == -IMS_E_STORE ? 503 : 403);
}

static void no_answer(struct ims_scscf *s, struct ims_scscf_attempt *a,
		      const struct ims_scscf_cx *cx)
{
	(void)cx;
	answer(s, a, -IMS_E_SILENCE, 504);
}
