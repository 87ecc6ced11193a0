/* SPDX-License-Identifier: BSD-2-Clause */
/* scscf_user.c - who is there: users, their identities, their attempts.
 *
 * A user without a contact is there only for what he has begun; when the table
 * is full, the oldest of these go first, and who is registered never.
 */
#include <stdlib.h>
#include <string.h>

#include "base_mem.h"
#include "scscf_priv.h"
#include "sip_uri.h"

struct ims_scscf_user *ims_scscf_user_next(const struct ims_scscf *s,
					   struct ims_str impi,
					   const struct ims_scscf_user *u)
{
	uint32_t h = ims_str_hash(impi, s->seed);
	struct ims_map_node *n =
		u ? ims_map_next(&u->node, h) : ims_map_first(&s->users, h);

	for (; n; n = ims_map_next(n, h)) {
		struct ims_scscf_user *v =
			ims_container(n, struct ims_scscf_user, node);

		if (ims_str_eq(ims_str(v->impi), impi))
			return v;
	}
	return NULL;
}

struct ims_scscf_user *ims_scscf_user_find(const struct ims_scscf *s,
					   struct ims_str impi)
{
	return ims_scscf_user_next(s, impi, NULL);
}

struct ims_scscf_user *ims_scscf_user_of(const struct ims_scscf *s,
					 struct ims_str impi,
					 struct ims_str impu)
{
	struct ims_scscf_user *u = NULL, *idle = NULL;

	while ((u = ims_scscf_user_next(s, impi, u))) {
		if (ims_scscf_user_has(u, impu, NULL))
			return u;
		if (u->binds.n == 0)
			idle = u;
	}
	return idle;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Equal for all spellings that are equal as addresses of record: the user
 * part with %xx undone, without case and visual separators.
 */
static uint32_t impu_hash(const struct ims_scscf *s, struct ims_str impu)
{
	struct ims_sip_uri u;
	char plain[IMS_ID_MAX];
	size_t n = 0;

	if (ims_sip_uri_parse(impu, &u))
		return 0;
	for (size_t i = 0; i < u.user.n && n < sizeof(plain); i++) {
		char c = u.user.p[i];

		if (c == '%' && i + 2 < u.user.n &&
		    hex_digit(u.user.p[i + 1]) >= 0 &&
		    hex_digit(u.user.p[i + 2]) >= 0) {
			c = (char)(hex_digit(u.user.p[i + 1]) << 4 |
				   hex_digit(u.user.p[i + 2]));
			i += 2;
		}
		if (!strchr("-.()", c))
			plain[n++] = c;
	}
	return ims_str_casehash(ims_str_n(plain, n), s->seed);
}

struct ims_scscf_user *ims_scscf_user_by_impu(const struct ims_scscf *s,
					      struct ims_str impu)
{
	uint32_t h = impu_hash(s, impu);
	struct ims_map_node *n = ims_map_first(&s->impus, h);

	for (; n; n = ims_map_next(n, h)) {
		struct ims_scscf_impu *i =
			ims_container(n, struct ims_scscf_impu, node);

		if (ims_sip_uri_aor_eq(ims_str(i->uri), impu))
			return i->user;
	}
	return NULL;
}

bool ims_scscf_user_has(const struct ims_scscf_user *u, struct ims_str impu,
			size_t *at)
{
	for (size_t i = 0; i < u->n_impus; i++) {
		if (!ims_sip_uri_aor_eq(ims_str(u->impu[i]->uri), impu))
			continue;
		if (at)
			*at = i;
		return true;
	}
	return false;
}

static void forget_impus(struct ims_scscf *s, struct ims_scscf_user *u)
{
	for (size_t i = 0; i < u->n_impus; i++) {
		ims_map_del(&s->impus, &u->impu[i]->node);
		free(u->impu[i]);
	}
	u->n_impus = 0;
}

static bool same_impus(const struct ims_scscf_user *u,
		       const struct ims_cx_ans *ans)
{
	if (u->n_impus != ans->n_impus)
		return false;
	for (size_t i = 0; i < u->n_impus; i++) {
		if (u->impu[i]->barred != ans->impu[i].barred ||
		    u->set != ans->impu[i].set ||
		    strcmp(u->impu[i]->uri, ans->impu[i].uri) != 0)
			return false;
	}
	return true;
}

static struct ims_scscf_impu *new_impu(struct ims_scscf *s,
				       struct ims_scscf_user *u,
				       const struct ims_cx_impu *from)
{
	size_t n = strlen(from->uri) + 1;
	struct ims_scscf_impu *i = calloc(1, sizeof(*i) + n);

	if (!i)
		return NULL;
	memcpy(i->uri, from->uri, n);
	i->user = u;
	i->barred = from->barred;
	i->id = ++s->last_reg;
	return i;
}

/* Where the identity that he registered with stands in another set; the
 * default one if it is not in there.
 */
static size_t moved(const struct ims_scscf_user *u,
		    const struct ims_cx_ans *ans)
{
	for (size_t i = 0; i < ans->n_impus && u->n_impus; i++) {
		if (strcmp(ans->impu[i].uri, u->impu[u->explicit_impu]->uri) ==
		    0)
			return i;
	}
	return 0;
}

int ims_scscf_user_impus(struct ims_scscf *s, struct ims_scscf_user *u,
			 const struct ims_cx_ans *ans)
{
	struct ims_scscf_impu *fresh[IMS_IMPU_MAX];

	if (same_impus(u, ans))
		return 0;
	for (size_t i = 0; i < ans->n_impus; i++) {
		fresh[i] = new_impu(s, u, &ans->impu[i]);
		if (fresh[i])
			continue;
		while (i)
			free(fresh[--i]);
		return -IMS_E_NOMEM;
	}
	/* what a watcher knows of the old set is of no use */
	ims_list_each (pos, &u->watchers)
		ims_container(pos, struct ims_scscf_watch, node)->full = true;
	u->explicit_impu = moved(u, ans);
	forget_impus(s, u);
	for (size_t i = 0; i < ans->n_impus; i++) {
		u->impu[i] = fresh[i];
		ims_map_add(&s->impus, &fresh[i]->node,
			    impu_hash(s, ims_str(fresh[i]->uri)));
	}
	u->n_impus = ans->n_impus;
	if (u->set != ans->impu[0].set)
		ims_scscf_unkeep(s, u);
	u->set = ans->impu[0].set;
	return 0;
}

static bool is_among(struct ims_scscf_user *const *v, size_t n,
		     const struct ims_scscf_user *u)
{
	for (size_t i = 0; i < n; i++) {
		if (v[i] == u)
			return true;
	}
	return false;
}

size_t ims_scscf_sharers(const struct ims_scscf *s, struct ims_scscf_user *u,
			 struct ims_scscf_user *out[static IMS_SCSCF_SHARERS])
{
	size_t n = 0;

	out[n++] = u;
	for (size_t i = 0; i < u->n_impus; i++) {
		uint32_t h = u->impu[i]->node.hash;
		struct ims_map_node *node = ims_map_first(&s->impus, h);

		for (; node; node = ims_map_next(node, h)) {
			struct ims_scscf_impu *k =
				ims_container(node, struct ims_scscf_impu,
					      node);

			if (n < IMS_SCSCF_SHARERS &&
			    ims_sip_uri_aor_eq(ims_str(k->uri),
					       ims_str(u->impu[i]->uri)) &&
			    !is_among(out, n, k->user))
				out[n++] = k->user;
		}
	}
	return n;
}

/* Has nobody but us to wait for. */
static bool may_go(const struct ims_scscf_user *u)
{
	ims_list_each (pos, &u->attempts) {
		const struct ims_scscf_attempt *a =
			ims_container(pos, struct ims_scscf_attempt, node);

		if (a->state != SCSCF_CHALLENGED)
			return false;
	}
	return true;
}

static bool make_room(struct ims_scscf *s)
{
	if (s->users.n < s->conf.max_users)
		return true;
	ims_list_each (pos, &s->idle) {
		struct ims_scscf_user *u =
			ims_container(pos, struct ims_scscf_user, idle_node);

		if (!may_go(u))
			continue;
		ims_scscf_user_drop(s, u);
		return true;
	}
	return false;
}

struct ims_scscf_user *ims_scscf_user_new(struct ims_scscf *s,
					  struct ims_str impi)
{
	struct ims_scscf_user *u;

	if (!make_room(s))
		return NULL;
	u = calloc(1, sizeof(*u) + impi.n + 1);
	if (!u)
		return NULL;
	memcpy(u->impi, impi.p, impi.n);
	ims_list_init(&u->attempts);
	ims_list_init(&u->watchers);
	ims_list_init(&u->ending);
	ims_reg_binds_init(&u->binds);
	u->due.kind = DUE_USER;
	ims_map_add(&s->users, &u->node, ims_str_hash(impi, s->seed));
	ims_list_add(&s->idle, &u->idle_node);
	return u;
}

static void drop_watches(struct ims_scscf *s, struct ims_list *list)
{
	ims_list_each (pos, list)
		ims_scscf_watch_drop(s,
				     ims_container(pos, struct ims_scscf_watch,
						   node));
}

void ims_scscf_user_drop(struct ims_scscf *s, struct ims_scscf_user *u)
{
	ims_list_each (pos, &u->attempts)
		ims_scscf_attempt_drop(
			s, ims_container(pos, struct ims_scscf_attempt, node));
	drop_watches(s, &u->watchers);
	drop_watches(s, &u->ending);
	if (u->binds.n)
		s->n_registered--;
	forget_impus(s, u);
	ims_reg_binds_free(&u->binds);
	ims_scscf_keep(s, u);
	ims_heap_cancel(&s->due, &u->due);
	ims_list_del(&u->idle_node);
	ims_map_del(&s->users, &u->node);
	free(u);
}

void ims_scscf_user_settle(struct ims_scscf *s, struct ims_scscf_user *u)
{
	if (u->binds.n == 0 && u->n_attempts == 0 && u->n_watchers == 0 &&
	    u->n_ending == 0 && u->pause_ms <= s->now_ms)
		ims_scscf_user_drop(s, u);
}

void ims_scscf_user_count(struct ims_scscf *s, struct ims_scscf_user *u,
			  bool was_registered)
{
	uint64_t at = ims_reg_binds_due(&u->binds);
	bool is = u->binds.n > 0;

	if (is && !was_registered) {
		s->n_registered++;
		ims_list_del(&u->idle_node);
	} else if (!is && was_registered) {
		s->n_registered--;
		ims_list_add(&s->idle, &u->idle_node);
	}
	if (!is)
		at = u->pause_ms > s->now_ms ? u->pause_ms : IMS_NEVER;
	if (at == IMS_NEVER)
		ims_heap_cancel(&s->due, &u->due);
	else
		ims_heap_set(&s->due, &u->due, at);
}

/* A challenge that nobody inside SAs asked for is the first to go: what comes
 * in the clear cannot push out what does not.
 */
static struct ims_scscf_attempt *oldest(const struct ims_scscf_user *u)
{
	struct ims_scscf_attempt *any = NULL;

	ims_list_each (pos, &u->attempts) {
		struct ims_scscf_attempt *a =
			ims_container(pos, struct ims_scscf_attempt, node);

		if (a->state != SCSCF_CHALLENGED)
			continue;
		if (!a->secured)
			return a;
		if (!any)
			any = a;
	}
	return any;
}

struct ims_scscf_attempt *ims_scscf_attempt_new(struct ims_scscf *s,
						struct ims_scscf_user *u,
						struct ims_str call_id)
{
	struct ims_scscf_attempt *a;

	if (u->n_attempts >= IMS_SCSCF_ATTEMPTS) {
		a = oldest(u);
		if (!a)
			return NULL;
		ims_scscf_attempt_drop(s, a);
	}
	a = calloc(1, sizeof(*a));
	if (!a)
		return NULL;
	a->call_id = strndup(call_id.p, call_id.n);
	if (!a->call_id) {
		free(a);
		return NULL;
	}
	a->user = u;
	a->due.kind = DUE_ATTEMPT;
	ims_list_add(&u->attempts, &a->node);
	ims_map_add(&s->cx, &a->cx_node, ++s->last_ref);
	u->n_attempts++;
	return a;
}

/* CK and IK are in the 401 that may be sent again; not after its time. */
static void forget_challenge(struct ims_scscf *s, struct ims_scscf_attempt *a)
{
	if (a->state == SCSCF_CHALLENGED)
		ims_txns_forget(&s->txns, a->txn);
}

void ims_scscf_attempt_drop(struct ims_scscf *s, struct ims_scscf_attempt *a)
{
	ims_scscf_attempt_release(s, a);
	forget_challenge(s, a);
	ims_heap_cancel(&s->due, &a->due);
	ims_map_del(&s->cx, &a->cx_node);
	ims_list_del(&a->node);
	a->user->n_attempts--;
	free(a->call_id);
	ims_wipe(a, sizeof(*a));
	free(a);
}

void ims_scscf_forget_challenges(struct ims_scscf *s, struct ims_scscf_user *u)
{
	ims_list_each (pos, &u->attempts) {
		struct ims_scscf_attempt *a =
			ims_container(pos, struct ims_scscf_attempt, node);

		if (a->state == SCSCF_CHALLENGED)
			ims_scscf_attempt_drop(s, a);
	}
}

void ims_scscf_attempt_release(struct ims_scscf *s, struct ims_scscf_attempt *a)
{
	if (s->reread.of == a)
		s->reread.of = NULL;
	free(a->bytes);
	a->bytes = NULL;
	a->n_bytes = 0;
}

int ims_scscf_attempt_hold(struct ims_scscf *s, struct ims_scscf_attempt *a,
			   const struct ims_scscf_in *in)
{
	char *bytes = malloc(in->m->raw.n + 1);

	if (!bytes)
		return -IMS_E_NOMEM;
	memcpy(bytes, in->m->raw.p, in->m->raw.n);
	ims_scscf_attempt_release(s, a);
	forget_challenge(s, a);
	a->bytes = bytes;
	a->n_bytes = in->m->raw.n;
	a->txn = in->txn;
	a->source = in->source;
	return 0;
}
