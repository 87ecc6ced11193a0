/* SPDX-License-Identifier: BSD-2-Clause */
/* pcscf_ue.c - the UEs that we know, by identity, by token, by flow. */
#include <stdlib.h>
#include <string.h>

#include "pcscf_priv.h"

int ims_pcscf_text(char **text, struct ims_str value)
{
	char *copy = NULL;

	if (value.n) {
		copy = strndup(value.p, value.n);
		if (!copy)
			return -IMS_E_NOMEM;
	}
	free(*text);
	*text = copy;
	return 0;
}

int ims_pcscf_ues_init(struct ims_pcscf *p)
{
	if (ims_map_init(&p->ue_key) || ims_map_init(&p->ue_id) ||
	    ims_map_init(&p->ue_token) || ims_map_init(&p->ue_clear))
		return -IMS_E_NOMEM;
	return 0;
}

static void unlink_clear(struct ims_pcscf *p, struct ims_pcscf_ue *ue)
{
	if (!ue->clear)
		return;
	ims_map_del(&p->ue_clear, &ue->clear_node);
	ims_heap_cancel(&p->due, &ue->due);
	ue->clear = false;
}

static void free_ue(struct ims_pcscf *p, struct ims_pcscf_ue *ue)
{
	while (ue->sets)
		ims_pcscf_set_drop(p, ue->sets);
	unlink_clear(p, ue);
	ims_pcscf_forget(p, ue);
	ims_map_del(&p->ue_key, &ue->key_node);
	ims_map_del(&p->ue_id, &ue->id_node);
	ims_map_del(&p->ue_token, &ue->token_node);
	ims_pcscf_watch_wipe(p, ue);
	free(ue->offer);
	free(ue->held);
	free(ue->impus);
	ims_pcscf_names_clear(ue);
	free(ue->service_route);
	free(ue->contact);
	free(ue);
}

void ims_pcscf_ues_free(struct ims_pcscf *p)
{
	struct ims_map_node *n;

	while (p->ue_id.n && (n = ims_map_each(&p->ue_id, NULL)))
		free_ue(p, ims_container(n, struct ims_pcscf_ue, id_node));
	ims_map_free(&p->ue_key);
	ims_map_free(&p->ue_id);
	ims_map_free(&p->ue_token);
	ims_map_free(&p->ue_clear);
}

/* The next with this identity, at any address. */
static struct ims_pcscf_ue *same_impi(struct ims_map_node *n, uint32_t hash,
				      struct ims_str impi)
{
	for (; n; n = ims_map_next(n, hash)) {
		struct ims_pcscf_ue *ue =
			ims_container(n, struct ims_pcscf_ue, key_node);

		if (ims_str_eq(ims_str(ue->impi), impi))
			return ue;
	}
	return NULL;
}

struct ims_pcscf_ue *ims_pcscf_ue_find(const struct ims_pcscf *p,
				       struct ims_str impi, struct ims_ip ip)
{
	uint32_t hash = ims_str_hash(impi, p->seed);
	struct ims_pcscf_ue *ue =
		same_impi(ims_map_first(&p->ue_key, hash), hash, impi);

	while (ue && !ims_ip_eq(ue->ip, ip))
		ue = same_impi(ims_map_next(&ue->key_node, hash), hash, impi);
	return ue;
}

struct ims_pcscf_ue *ims_pcscf_ue_by_id(const struct ims_pcscf *p, uint32_t id)
{
	struct ims_map_node *n = ims_map_first(&p->ue_id, id);

	return n ? ims_container(n, struct ims_pcscf_ue, id_node) : NULL;
}

struct ims_pcscf_ue *ims_pcscf_ue_by_token(const struct ims_pcscf *p,
					   struct ims_str token)
{
	uint32_t hash = ims_str_hash(token, p->seed);
	struct ims_map_node *n = ims_map_first(&p->ue_token, hash);

	for (; n; n = ims_map_next(n, hash)) {
		struct ims_pcscf_ue *ue =
			ims_container(n, struct ims_pcscf_ue, token_node);

		if (ims_str_eq(ims_str(ue->token), token))
			return ue;
	}
	return NULL;
}

static void give_token(struct ims_pcscf *p, const char *given, char *token)
{
	if (given) {
		memcpy(token, given, IMS_PCSCF_TOKEN + 1);
		return;
	}
	/* a broken random source gives the same for ever */
	for (int i = 0; i < 8; i++) {
		ims_role_token(&p->rnd, token, IMS_PCSCF_TOKEN);
		if (!ims_pcscf_ue_by_token(p, ims_str(token)))
			return;
	}
}

struct ims_pcscf_ue *ims_pcscf_ue_new(struct ims_pcscf *p, struct ims_str impi,
				      struct ims_ip ip, const char *token)
{
	struct ims_pcscf_ue *ue;

	if (p->ue_id.n >= p->conf.max_users)
		return NULL;
	ue = calloc(1, sizeof(*ue));
	if (!ue)
		return NULL;
	if (!ims_str_copy(ue->impi, sizeof(ue->impi), impi)) {
		free(ue);
		return NULL;
	}
	ue->ip = ip;
	ue->due.kind = IMS_DUE_UE;
	give_token(p, token, ue->token);
	do {
		ue->id = ++p->last_ue;
	} while (ue->id == 0 || ims_pcscf_ue_by_id(p, ue->id));
	ims_map_add(&p->ue_key, &ue->key_node, ims_str_hash(impi, p->seed));
	ims_map_add(&p->ue_id, &ue->id_node, ue->id);
	ims_map_add(&p->ue_token, &ue->token_node,
		    ims_str_hash(ims_str(ue->token), p->seed));
	return ue;
}

/* UDP: the contact's address and port; TCP: the connection of the REGISTER. */
static bool same_access(const struct ims_flow *a, const struct ims_flow *b)
{
	return a->transport == b->transport &&
	       ims_ip_eq(a->remote.ip, b->remote.ip) &&
	       (a->transport == IMS_TCP ? a->conn == b->conn
					: a->remote.port == b->remote.port);
}

static uint32_t access_hash(const struct ims_pcscf *p, const struct ims_flow *f)
{
	struct ims_addr a = f->remote;

	if (f->transport == IMS_TCP)
		a.port = 0;
	return ims_addr_hash(a, p->seed);
}

struct ims_pcscf_ue *ims_pcscf_ue_by_flow(const struct ims_pcscf *p,
					  const struct ims_flow *flow)
{
	uint32_t hash = access_hash(p, flow);
	struct ims_map_node *n = ims_map_first(&p->ue_clear, hash);

	for (; n; n = ims_map_next(n, hash)) {
		struct ims_pcscf_ue *ue =
			ims_container(n, struct ims_pcscf_ue, clear_node);

		if (same_access(&ue->access, flow))
			return ue;
	}
	return NULL;
}

struct ims_pcscf_ue *ims_pcscf_ue_unconnected(const struct ims_pcscf *p,
					      const struct ims_flow *flow)
{
	uint32_t hash = access_hash(p, flow);
	struct ims_map_node *n = ims_map_first(&p->ue_clear, hash);
	struct ims_pcscf_ue *ue, *found = NULL;

	for (; n; n = ims_map_next(n, hash)) {
		ue = ims_container(n, struct ims_pcscf_ue, clear_node);
		if (ue->access.transport != IMS_TCP || ue->access.conn ||
		    !ims_ip_eq(ue->access.remote.ip, flow->remote.ip))
			continue;
		if (found)
			return NULL;
		found = ue;
	}
	return found;
}

void ims_pcscf_ue_clear(struct ims_pcscf *p, struct ims_pcscf_ue *ue,
			const struct ims_flow *access, uint64_t until_ms)
{
	unlink_clear(p, ue);
	if (!access || ims_heap_set(&p->due, &ue->due, until_ms))
		return;
	ue->access = *access;
	ue->clear = true;
	ims_map_add(&p->ue_clear, &ue->clear_node, access_hash(p, access));
}

/* Was it challenged here after that set was made?  Ids of sets go up. */
static bool is_challenged_since(const struct ims_pcscf_ue *ue, uint32_t set)
{
	const struct ims_pcscf_set *s = ims_pcscf_set_pending(ue);

	return s && set && (int32_t)(s->sas.id - set) > 0;
}

/* It registered elsewhere.  A challenge that it had here before ends with its
 * set.
 */
static void end_here(struct ims_pcscf *p, struct ims_pcscf_ue *ue,
		     uint32_t registered_on)
{
	struct ims_pcscf_reg_ev ev = {.status = 500, .now_ms = p->now_ms};
	struct ims_pcscf_set *s, *next, *pending = ims_pcscf_set_pending(ue);
	bool stays = is_challenged_since(ue, registered_on);
	bool ends = pending && !stays;

	ue->registered = false;
	ims_pcscf_changed(p, ue);
	unlink_clear(p, ue);
	for (s = ue->sets; s; s = next) {
		next = s->next;
		if (s != pending || ends)
			ims_pcscf_set_drop(p, s);
	}
	if (ends)
		ims_pcscf_reg_fail(p, ue, &ev);
	else
		ims_pcscf_ue_settle(p, ue, p->now_ms);
}

void ims_pcscf_ue_only(struct ims_pcscf *p, struct ims_pcscf_ue *ue,
		       uint32_t set)
{
	struct ims_str impi = ims_str(ue->impi);
	uint32_t hash = ue->key_node.hash;
	struct ims_map_node *n = ims_map_first(&p->ue_key, hash);
	struct ims_pcscf_ue *other;

	for (; (other = same_impi(n, hash, impi));) {
		n = ims_map_next(&other->key_node, hash);
		if (other == ue)
			continue;
		if (other->registered || (ims_pcscf_set_pending(other) &&
					  !is_challenged_since(other, set)))
			end_here(p, other, set);
	}
}

void ims_pcscf_ue_settle(struct ims_pcscf *p, struct ims_pcscf_ue *ue,
			 uint64_t now_ms)
{
	if (ims_pcscf_reg_lost(ue))
		ims_pcscf_reg_step(p, ue, IMS_ON_LOST,
				   &(struct ims_pcscf_reg_ev){.now_ms =
								      now_ms});
	if (ims_pcscf_reg_idle(ue) && !ue->sets)
		free_ue(p, ue);
}
