/* SPDX-License-Identifier: BSD-2-Clause */
/* scscf_restore.c - users come back from their records [role_keep.h].
 *
 * A record is read twice: first only looked at, so that nothing is made of one
 * that is damaged, and then for good.
 */
#include <stdlib.h>
#include <string.h>

#include "base_mem.h"
#include "base_pack.h"
#include "scscf_priv.h"
#include "sip_uri.h"

#define TEXT_MAX 8192

/* What is read: the user is NULL while it is only looked at. */
struct reading {
	struct ims_scscf *s;
	struct ims_scscf_user *u;
	struct ims_unpack in;
	const char *flaw; /* what is wrong with it; NULL: nothing so far */
	int err;          /* while it is made */
	uint64_t epoch;   /* our time 0, as the record counts */
	bool old;         /* of the version before this one */
	size_t n_active;  /* contacts so far */
	/* When his watchers hear all: soon, and not everybody's at once; but
	 * the P-CSCF not before the UE, which it would then cut off.
	 */
	uint64_t quiet_ms;
};

/* Who sets the clock back lengthens nothing that was granted: then no time
 * has passed since it was written.
 */
static void take_epoch(struct reading *r)
{
	uint64_t written = ims_unpack_u64(&r->in), now_ms = r->s->now_ms;

	r->epoch = r->s->conf.wall_ms;
	if (written > now_ms && written - now_ms > r->epoch)
		r->epoch = written - now_ms;
}

static uint64_t take_time(struct reading *r)
{
	const struct ims_scscf *s = r->s;
	uint64_t at = ims_unpack_u64(&r->in);
	uint64_t most = s->now_ms + (s->conf.max_expires + IMS_SCSCF_LONGER) *
					    UINT64_C(1000);

	at = at > r->epoch ? at - r->epoch : 0;
	/* the record may lie */
	return at < most ? at : most;
}

static void flaw(struct reading *r, const char *text)
{
	if (!r->flaw)
		r->flaw = text;
}

/* Text that may go into a message as it is. */
static struct ims_str text(struct reading *r, const char *what, bool needed)
{
	struct ims_str t = ims_unpack_str(&r->in);

	if (t.n > TEXT_MAX || (needed && t.n == 0))
		flaw(r, what);
	for (size_t i = 0; i < t.n; i++) {
		if ((uint8_t)t.p[i] < 0x20 || t.p[i] == 0x7f)
			flaw(r, what);
	}
	return r->flaw ? ims_str(NULL) : t;
}

static struct ims_str uri(struct reading *r, const char *what)
{
	struct ims_str t = text(r, what, true);
	struct ims_sip_uri parsed;

	if (ims_sip_uri_parse(t, &parsed) ||
	    parsed.scheme == IMS_SIP_URI_OTHER ||
	    parsed.scheme == IMS_SIP_URI_TEL)
		flaw(r, what);
	return t;
}

static size_t count(struct reading *r, const char *what, size_t least,
		    uint32_t most)
{
	size_t n = ims_unpack_u32(&r->in, most);

	if (n < least)
		flaw(r, what);
	return r->flaw || r->in.bad ? 0 : n;
}

static void take_impus(struct reading *r)
{
	struct ims_cx_ans *ans = calloc(1, sizeof(*ans));
	uint32_t id[IMS_IMPU_MAX], named, flags;

	if (!ans) {
		r->err = -IMS_E_NOMEM;
		flaw(r, "no memory");
		return;
	}
	ans->n_impus = count(r, "public identities", 1, IMS_IMPU_MAX);
	for (size_t i = 0; i < ans->n_impus; i++) {
		struct ims_str t = text(r, "public identity", true);

		if (!ims_str_copy(ans->impu[i].uri, IMS_ID_MAX, t))
			flaw(r, "public identity");
		flags = ims_unpack_u32(&r->in, 2 * IMS_IMPU_MAX - 1);
		ans->impu[i].barred = flags & 1;
		ans->impu[i].set = (uint8_t)(flags >> 1);
		id[i] = ims_unpack_u32(&r->in, INT32_MAX);
	}
	if (r->u && !r->err)
		r->err = ims_scscf_user_impus(r->s, r->u, ans);
	for (size_t i = 0; r->u && !r->err && i < ans->n_impus; i++) {
		r->u->impu[i]->id = id[i];
		if (id[i] > r->s->last_reg)
			r->s->last_reg = id[i];
	}
	named = ims_unpack_u32(&r->in, UINT32_MAX);
	if (named >= ans->n_impus)
		flaw(r, "the explicit identity");
	else if (r->u && !r->err)
		r->u->explicit_impu = named;
	free(ans);
}

static void take_state(struct reading *r)
{
	struct ims_scscf_user none = {0}, *u = r->u ? r->u : &none;

	ims_unpack_cstr(&r->in, u->last_nonce, sizeof(u->last_nonce));
	u->reauth = ims_unpack_bool(&r->in);
	u->wrong = ims_unpack_u32(&r->in, INT32_MAX);
	u->pause_ms = take_time(r);
	if (u->pause_ms > r->s->now_ms + IMS_SCSCF_PAUSE_MS)
		u->pause_ms = r->s->now_ms + IMS_SCSCF_PAUSE_MS;
}

static void take_contact(struct reading *r)
{
	struct ims_reg_contact c = {.active = true};

	c.id = ims_unpack_u32(&r->in, INT32_MAX);
	c.uri = uri(r, "contact");
	c.params = text(r, "parameters of a contact", false);
	c.instance = text(r, "instance of a contact", false);
	c.call_id = text(r, "Call-ID of a contact", true);
	c.path = text(r, "Path of a contact", false);
	c.reg_id = ims_unpack_u32(&r->in, INT32_MAX);
	c.cseq = ims_unpack_u32(&r->in, UINT32_MAX);
	c.first_cseq = ims_unpack_u32(&r->in, UINT32_MAX);
	c.expires_ms = take_time(r);
	c.event = ims_unpack_u32(&r->in, IMS_REGINFO_N_EVENTS - 1);
	if (!r->old) {
		c.active = ims_unpack_bool(&r->in);
		c.retry_after = ims_unpack_u32(&r->in, UINT32_MAX);
	}
	if (c.id == 0)
		flaw(r, "number of a contact");
	if (c.active != (c.event <= IMS_REGINFO_SHORTENED))
		flaw(r, "what became of a contact");
	r->n_active += c.active;
	if (!r->u || r->err)
		return;
	c.mark = !c.active;
	if (!c.active && r->s->changes == 0)
		r->s->changes = 1; /* his watchers have not seen it */
	r->err = ims_reg_binds_restore(&r->u->binds, &c);
	if (c.id > r->s->last_contact)
		r->s->last_contact = c.id;
}

static void take_past(struct reading *r)
{
	for (size_t i = 0; i < IMS_REG_PAST; i++) {
		struct ims_reg_past p;

		p.flow = ims_unpack_u32(&r->in, UINT32_MAX);
		p.call = ims_unpack_u64(&r->in);
		p.cseq = ims_unpack_u32(&r->in, UINT32_MAX);
		if (r->u)
			r->u->binds.past[i] = p;
	}
}

static void make_watch(struct reading *r, const struct ims_reg_sub *d,
		       bool trusted, const char *ends, uint32_t retry_after)
{
	struct ims_scscf *s = r->s;
	struct ims_scscf_watch *w = calloc(1, sizeof(*w));

	r->err = w ? ims_reg_sub_restore(&w->sub, d) : -IMS_E_NOMEM;
	if (r->err) {
		free(w);
		return;
	}
	ims_scscf_watch_link(s, r->u, w);
	w->trusted = trusted;
	w->dirty = true;
	w->seen = 0;
	w->ends = ends;
	w->retry_after = retry_after;
	w->quiet_ms = r->quiet_ms;
	ims_scscf_watch_arm(s, w);
}

/* Without a contact there is nothing to watch. */
static const char *take_end(struct reading *r, uint32_t *retry_after)
{
	struct ims_str name = ims_unpack_str(&r->in);
	const char *ends = ims_scscf_ends(name);

	*retry_after = ims_unpack_u32(&r->in, UINT32_MAX);
	if ((name.n || r->n_active == 0) && !ends)
		flaw(r, "the end of a watcher");
	return ends;
}

static void take_watch(struct reading *r)
{
	struct ims_reg_sub d = {0};
	const char *ends = NULL;
	uint32_t retry_after = 0;
	struct ims_addr hop;
	bool trusted;

	d.call_id = text(r, "Call-ID of a watcher", true);
	d.local = text(r, "To of a watcher", true);
	d.local_tag = text(r, "tag of a watcher", true);
	d.remote = text(r, "From of a watcher", true);
	d.remote_tag = text(r, "tag of a watcher", true);
	d.target = uri(r, "Contact of a watcher");
	d.routes = text(r, "routes of a watcher", false);
	d.event_id = text(r, "Event of a watcher", false);
	d.version = ims_unpack_u32(&r->in, UINT32_MAX);
	d.cseq = ims_unpack_u32(&r->in, UINT32_MAX);
	d.remote_cseq = ims_unpack_u32(&r->in, UINT32_MAX);
	d.expires_ms = take_time(r);
	trusted = ims_unpack_bool(&r->in);
	if (!r->old)
		ends = take_end(r, &retry_after);
	if (!r->flaw && ims_reg_sub_hop(&d, &hop))
		flaw(r, "the way to a watcher");
	if (r->u && !r->err)
		make_watch(r, &d, trusted, ends, retry_after);
}

static void take_all(struct reading *r)
{
	size_t n;

	take_epoch(r);
	take_impus(r);
	take_state(r);
	n = count(r, "contacts", r->old, 2 * IMS_REG_CONTACTS);
	for (size_t i = 0; i < n; i++)
		take_contact(r);
	if (!r->old)
		take_past(r);
	n = count(r, "watchers", r->n_active == 0, 2 * IMS_SCSCF_WATCHERS);
	for (size_t i = 0; i < n; i++)
		take_watch(r);
}

static int take_secret(struct ims_scscf *s, struct ims_unpack *in)
{
	uint8_t secret[IMS_SCSCF_SECRET];
	int err;

	ims_unpack_bytes(in, secret, sizeof(secret));
	err = ims_unpack_end(in);
	if (err == 0) {
		memcpy(s->secret, secret, sizeof(secret));
		s->secret_kept = true;
	}
	ims_wipe(secret, sizeof(secret));
	return err;
}

static int look(struct reading r, struct ims_flaw *why)
{
	take_all(&r);
	if (r.err)
		return ims_flaw(why, r.err, "no memory for a record");
	if (ims_unpack_end(&r.in) || r.flaw)
		return ims_flaw(why, -IMS_E_SYNTAX, "record of a user: %s",
				r.flaw ? r.flaw : "damaged or cut short");
	return 0;
}

/* Is he there already, with this set? */
static bool is_twice(const struct reading *r)
{
	struct ims_scscf_user *u = NULL;

	while ((u = ims_scscf_user_next(r->s, ims_str(r->u->impi), u)))
		if (u != r->u && u->set == r->u->set)
			return true;
	return false;
}

static int make(struct reading r, struct ims_str impi, struct ims_flaw *why)
{
	struct ims_scscf *s = r.s;

	r.u = ims_scscf_user_new(s, impi);
	if (!r.u)
		return ims_flaw(why, -IMS_E_NOMEM,
				"no memory for a user, or too many");
	r.quiet_ms = s->now_ms;
	if (s->conf.notify_ms)
		r.quiet_ms += ims_rand_below(&s->rnd, s->conf.notify_ms);
	take_all(&r);
	if (!r.err && is_twice(&r))
		r.err = -IMS_E_EXISTS;
	ims_scscf_user_count(s, r.u, false);
	if (r.err) {
		ims_scscf_user_drop(s, r.u);
		return ims_flaw(why, r.err, "record of a user: %s",
				ims_err_info(r.err)->what);
	}
	r.u->kept = true;
	return 0;
}

int ims_scscf_restore(struct ims_scscf *s, struct ims_str record,
		      uint64_t now_ms, struct ims_flaw *why)
{
	struct reading r = {.s = s};
	struct ims_str impi;
	int err;

	s->now_ms = now_ms;
	r.old = ims_unpack_begin(&r.in, record, IMS_SCSCF_RECORD_OLD);
	if (!r.old && !ims_unpack_begin(&r.in, record, IMS_SCSCF_RECORD))
		return ims_flaw(why, -IMS_E_SYNTAX,
				"record of a user: not of version %d",
				IMS_SCSCF_RECORD);
	impi = text(&r, "private identity", false);
	if (impi.n == 0 && !r.flaw && !r.in.bad) {
		err = take_secret(s, &r.in);
		return err ? ims_flaw(why, err, "record of the secret") : 0;
	}
	if (impi.n >= IMS_ID_MAX)
		flaw(&r, "private identity");
	err = look(r, why);
	if (err)
		return err;
	return make(r, impi, why);
}
