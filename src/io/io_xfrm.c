/* SPDX-License-Identifier: BSD-2-Clause */
/* io_xfrm.c - the kernel back-end: which states and policies there are. */
#include "io_xfrm.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base_list.h"
#include "base_map.h"
#include "base_mem.h"
#include "io_netns.h"
#include "io_sock.h"
#include "io_xfrm_priv.h"

static struct ims_io_xfrm *self(struct ims_ipsec_backend *b)
{
	return (struct ims_io_xfrm *)b;
}

static uint32_t id_hash(uint32_t id)
{
	return ims_str_hash(ims_str_n(&id, sizeof id), 0);
}

static struct ims_io_xfrm_entry *find(struct ims_io_xfrm *x, uint32_t id)
{
	uint32_t h = id_hash(id);

	for (struct ims_map_node *n = ims_map_first(&x->sets, h); n;
	     n = ims_map_next(n, h)) {
		struct ims_io_xfrm_entry *e =
			ims_container(n, struct ims_io_xfrm_entry, node);

		if (e->set.id == id)
			return e;
	}
	return NULL;
}

/* What the kernel's refusal means for us. */
static int refusal(int err, struct ims_flaw *why, const char *what,
		   const char *algo, const char *said)
{
	const char *colon = said[0] ? ": " : "";

	switch (err) {
	case EEXIST:
		return ims_flaw(why, -IMS_E_SPI_TAKEN,
				"%s: is there already%s%s", what, colon, said);
	case EPROTONOSUPPORT:
		return ims_flaw(why, -IMS_E_NO_ESP,
				"%s: the kernel knows no ESP%s%s", what, colon,
				said);
	case EPERM:
		return ims_flaw(why, -IMS_E_RIGHTS, "%s: needs CAP_NET_ADMIN",
				what);
	case ENOENT:
	case ENOSYS:
		return ims_flaw(why, -IMS_E_ALGO,
				"%s: the kernel lacks %s or what it needs%s%s",
				what, algo, colon, said);
	case ENOMEM:
		return ims_flaw(why, -IMS_E_NOMEM, "%s: the kernel", what);
	default:
		return ims_flaw(why, -IMS_E_IPSEC, "%s: %s%s%s", what,
				strerror(err), colon, said);
	}
}

/* The two policies of a protected port. */
enum port_act { PORT_NEW, PORT_TAKE_OVER, PORT_DEL };

static void put_port(struct ims_io_xfrm *x, struct ims_addr local,
		     enum port_act act)
{
	struct ims_io_xfrm_pol in = {.dst = local, .in = true};
	struct ims_io_xfrm_pol out = {.src = local, .in = false};

	if (act != PORT_DEL) {
		ims_io_xfrm_put_pol(&x->nl, &in, act == PORT_TAKE_OVER);
		ims_io_xfrm_put_pol(&x->nl, &out, act == PORT_TAKE_OVER);
	} else {
		ims_io_xfrm_put_pol_del(&x->nl, &in);
		ims_io_xfrm_put_pol_del(&x->nl, &out);
	}
}

/* Takes back what was not refused; what was refused may be somebody else's. */
static void undo_port(struct ims_io_xfrm *x, struct ims_addr local)
{
	struct ims_io_xfrm_pol in = {.dst = local, .in = true};
	struct ims_io_xfrm_pol out = {.src = local, .in = false};
	int err[2] = {x->nl.err[0], x->nl.err[1]};

	if (!err[0])
		ims_io_xfrm_put_pol_del(&x->nl, &in);
	if (!err[1])
		ims_io_xfrm_put_pol_del(&x->nl, &out);
	ims_io_xfrm_commit(&x->nl);
}

/* Is the port still somebody's?  Then so are its policies. */
int ims_io_xfrm_port_free(const struct ims_io_xfrm *x, struct ims_addr local,
			  struct ims_flaw *why)
{
	struct ims_io_sock_conf c = {.local = local};
	int back, fd, err = ims_io_netns_enter(x->conf.netns, &back, why);

	if (err)
		return err;
	fd = ims_io_sock_udp(&c, why);
	ims_io_netns_leave(back);
	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

/* There are policies for this port.  If they have our mark and nobody holds the
 * port, a run that was killed has left them: they are ours now, and the states
 * stay until it is known which of them are wanted (sweep).
 * -IMS_E_SPI_TAKEN: they are not ours.
 */
static int may_take_over(struct ims_io_xfrm *x, struct ims_addr local,
			 struct ims_flaw *why)
{
	struct ims_io_xfrm_pol in = {.dst = local, .in = true};
	struct ims_io_xfrm_pol out = {.src = local, .in = false};
	char a[IMS_ADDR_TEXT];

	if (ims_io_xfrm_pol_is_foreign(&x->nl, &in) ||
	    ims_io_xfrm_pol_is_foreign(&x->nl, &out))
		return ims_flaw(why, -IMS_E_SPI_TAKEN,
				"another IPsec program has a policy for %s",
				ims_addr_text(local, a));
	return ims_io_xfrm_port_free(x, local, why);
}

static int install_port(struct ims_io_xfrm *x, struct ims_addr local,
			enum port_act act, struct ims_flaw *why)
{
	char a[IMS_ADDR_TEXT], what[IMS_ADDR_TEXT + 40];
	char said[sizeof x->nl.said];
	int err;

	put_port(x, local, act);
	err = ims_io_xfrm_commit(&x->nl);
	if (!err)
		return 0;
	memcpy(said, x->nl.said, sizeof said);
	undo_port(x, local);
	snprintf(what, sizeof what, "IPsec policy for %s",
		 ims_addr_text(local, a));
	return refusal(err, why, what, "", said);
}

/* The UE's ports live and die with its set, whose policies are exact ones:
 * the kernel finds those by hash, however many UEs there are.
 */
static int protect(struct ims_ipsec_backend *b, struct ims_addr local,
		   struct ims_flaw *why)
{
	struct ims_io_xfrm *x = self(b);
	struct ims_io_xfrm_port *p;
	int err;

	if (!x->conf.network)
		return 0;
	p = calloc(1, sizeof *p);
	if (!p)
		return ims_flaw(why, -IMS_E_NOMEM, "policy");
	err = install_port(x, local, PORT_NEW, why);
	if (err == -IMS_E_SPI_TAKEN) {
		err = may_take_over(x, local, why);
		if (!err)
			err = install_port(x, local, PORT_TAKE_OVER, why);
	}
	if (err) {
		free(p);
		return err;
	}
	p->local = local;
	ims_list_add(&x->ports, &p->node);
	return 0;
}

static void drop_port(struct ims_io_xfrm *x, struct ims_io_xfrm_port *p)
{
	if (!x->leaves) {
		put_port(x, p->local, PORT_DEL);
		ims_io_xfrm_commit(&x->nl);
	}
	ims_list_del(&p->node);
	free(p);
}

static void unprotect(struct ims_ipsec_backend *b, struct ims_addr local)
{
	struct ims_io_xfrm *x = self(b);

	ims_list_each (n, &x->ports) {
		struct ims_io_xfrm_port *p =
			ims_container(n, struct ims_io_xfrm_port, node);

		if (ims_addr_eq(p->local, local)) {
			drop_port(x, p);
			return;
		}
	}
}

/* A policy outlives its states a little: until then nothing leaves in clear. */
#define POL_MORE_S 10

struct ims_io_xfrm_pol ims_io_xfrm_set_pol(const struct ims_ipsec_set *s, int a)
{
	return (struct ims_io_xfrm_pol){
		.src = s->sa[a].src,
		.dst = s->sa[a].dst,
		.life_s = s->life_s ? s->life_s + POL_MORE_S : 0,
		.in = ims_ipsec_inbound(s, (enum ims_arrow)a)};
}

/* States before policies, so that no packet meets a policy without one. */
static int install(struct ims_io_xfrm *x, const struct ims_ipsec_set *set)
{
	for (int a = 0; !set->adopt && a < IMS_N_ARROWS; a++)
		ims_io_xfrm_put_sa(&x->nl, set, (enum ims_arrow)a);
	for (int a = 0; set->ue && a < IMS_N_ARROWS; a++) {
		struct ims_io_xfrm_pol p = ims_io_xfrm_set_pol(set, a);

		ims_io_xfrm_put_pol(&x->nl, &p, set->adopt);
	}
	return ims_io_xfrm_commit(&x->nl);
}

/* States first: what is still under way is then dropped, not sent in clear.
 * refused: by number, as installed; NULL: none was.
 */
static void take_out(struct ims_io_xfrm *x, const struct ims_ipsec_set *set,
		     const int *refused)
{
	for (int a = 0; a < IMS_N_ARROWS; a++)
		if (!refused || !refused[a])
			ims_io_xfrm_put_sa_del(&x->nl, &set->sa[a]);
	for (int a = 0; set->ue && a < IMS_N_ARROWS; a++) {
		struct ims_io_xfrm_pol p = ims_io_xfrm_set_pol(set, a);

		if (!refused || !refused[IMS_N_ARROWS + a])
			ims_io_xfrm_put_pol_del(&x->nl, &p);
	}
	ims_io_xfrm_commit(&x->nl); /* what has expired is gone already */
}

/* Which of the messages was refused, for whoever reads the error. */
static void name_refused(const struct ims_ipsec_set *set, const int *refused,
			 char *out, size_t cap)
{
	char suite[IMS_SUITE_TEXT];
	struct ims_buf b;
	int i = 0;

	while (i < 2 * IMS_N_ARROWS - 1 && !refused[i])
		i++;
	ims_buf_init(&b, out, cap);
	ims_buf_printf(&b, "%s %s of set %u, %s",
		       i < IMS_N_ARROWS ? "SA" : "policy",
		       ims_arrow_name((enum ims_arrow)(i % IMS_N_ARROWS)),
		       set->id, ims_ipsec_suite_text(set->suite, suite));
	ims_buf_cstr(&b);
}

static int set_refused(struct ims_io_xfrm *x, const struct ims_ipsec_set *set,
		       int err, struct ims_flaw *why)
{
	int refused[IMS_IO_XFRM_BATCH];
	char said[sizeof x->nl.said], what[120], algo[80];
	struct ims_buf b;

	memcpy(refused, x->nl.err, sizeof refused);
	memcpy(said, x->nl.said, sizeof said);
	take_out(x, set, refused);
	name_refused(set, refused, what, sizeof what);
	ims_buf_init(&b, algo, sizeof algo);
	if (set->suite.alg != IMS_ALG_NULL)
		ims_buf_puts(&b, ims_ipsec_alg(set->suite.alg)->kernel);
	if (b.n && !ims_ipsec_alg(set->suite.alg)->aead)
		ims_buf_puts(&b, " or ");
	if (!ims_ipsec_alg(set->suite.alg)->aead)
		ims_buf_puts(&b, ims_ipsec_ealg(set->suite.ealg)->kernel);
	return refusal(err, why, what, ims_buf_cstr(&b), said);
}

/* The states of a process before us: they count on by themselves.  Those of half
 * a set are left to the sweep.
 */
static int adopt(struct ims_io_xfrm *x, const struct ims_ipsec_set *set,
		 struct ims_flaw *why)
{
	int err;

	for (int a = 0; a < IMS_N_ARROWS; a++)
		if (!ims_io_xfrm_has_sa(&x->nl, &set->sa[a]))
			return ims_flaw(why, -IMS_E_NOTFOUND,
					"SA %s of set %u is no longer in the "
					"kernel",
					ims_arrow_name((enum ims_arrow)a),
					set->id);
	for (int a = 0; set->ue && a < IMS_N_ARROWS; a++) {
		struct ims_io_xfrm_pol p = ims_io_xfrm_set_pol(set, a);

		if (ims_io_xfrm_pol_is_foreign(&x->nl, &p))
			return ims_flaw(why, -IMS_E_NOTFOUND,
					"another IPsec program has a policy "
					"for set %u",
					set->id);
	}
	err = set->ue ? install(x, set) : 0;
	return err ? ims_flaw(why, -IMS_E_NOTFOUND, "policy of set %u: %s",
			      set->id, strerror(err))
		   : 0;
}

static int add(struct ims_ipsec_backend *b, const struct ims_ipsec_set *set,
	       struct ims_flaw *why)
{
	struct ims_io_xfrm *x = self(b);
	struct ims_io_xfrm_entry *e;
	int err;

	if (!ims_ipsec_suite_valid(set->suite))
		return ims_flaw(why, -IMS_E_ALGO, "set %u", set->id);
	if (!set->id || find(x, set->id))
		return ims_flaw(why, set->id ? -IMS_E_EXISTS : -IMS_E_RANGE,
				"set %u", set->id);
	e = calloc(1, sizeof *e);
	if (!e)
		return ims_flaw(why, -IMS_E_NOMEM, "set %u", set->id);
	err = set->adopt ? adopt(x, set, why) : install(x, set);
	if (err) {
		free(e);
		return set->adopt ? err : set_refused(x, set, err, why);
	}
	e->set = *set;
	e->set.live = NULL;
	ims_wipe(&e->set.keys, sizeof e->set.keys);
	ims_map_add(&x->sets, &e->node, id_hash(set->id));
	return 0;
}

static void del(struct ims_ipsec_backend *b, uint32_t id)
{
	struct ims_io_xfrm *x = self(b);
	struct ims_io_xfrm_entry *e = find(x, id);

	if (!e)
		return;
	if (!x->leaves)
		take_out(x, &e->set, NULL);
	ims_map_del(&x->sets, &e->node);
	free(e);
}

static void leave(struct ims_ipsec_backend *b)
{
	self(b)->leaves = true;
}

/* The kernel counts a state's lifetime from when it was made, and that of a
 * policy, which is replaced, from now.
 */
static uint32_t since(uint64_t made_s, uint32_t life_s)
{
	uint64_t end_s = ims_io_wall_ms() / 1000 + life_s;

	if (end_s <= made_s) /* the clock was set back */
		return life_s;
	return end_s - made_s < UINT32_MAX ? (uint32_t)(end_s - made_s)
					   : UINT32_MAX;
}

/* Keys that nobody knows, should they ever be used. */
static int no_keys(struct ims_io_xfrm *x, struct ims_ipsec_keys *out)
{
	return x->conf.rnd.fill ? ims_rand_fill(&x->conf.rnd, out, sizeof *out)
				: -IMS_E_RANGE;
}

static int life(struct ims_ipsec_backend *b, uint32_t id, uint32_t life_s)
{
	struct ims_io_xfrm *x = self(b);
	struct ims_io_xfrm_entry *e = find(x, id);
	struct ims_ipsec_set s;
	uint64_t made_s;
	int err;

	if (!e || ims_io_xfrm_sa_made(&x->nl, &e->set.sa[0], &made_s))
		return -IMS_E_NOTFOUND;
	s = e->set;
	s.life_s = since(made_s, life_s);
	err = no_keys(x, &s.keys);
	if (err)
		return err;
	for (int a = 0; a < IMS_N_ARROWS; a++)
		ims_io_xfrm_put_sa_life(&x->nl, &s, (enum ims_arrow)a);
	e->set.life_s = life_s;
	for (int a = 0; s.ue && a < IMS_N_ARROWS; a++) {
		struct ims_io_xfrm_pol p = ims_io_xfrm_set_pol(&e->set, a);

		ims_io_xfrm_put_pol(&x->nl, &p, true);
	}
	err = ims_io_xfrm_commit(&x->nl);
	ims_wipe(&s.keys, sizeof s.keys);
	return err == ESRCH ? -IMS_E_NOTFOUND : err ? -IMS_E_IPSEC : 0;
}

static int count(struct ims_ipsec_backend *b, uint32_t id,
		 struct ims_ipsec_count out[static IMS_N_ARROWS])
{
	struct ims_io_xfrm *x = self(b);
	struct ims_io_xfrm_entry *e = find(x, id);
	struct ims_ipsec_count got[IMS_N_ARROWS] = {0};

	if (!e)
		return -IMS_E_NOTFOUND;
	for (int a = 0; a < IMS_N_ARROWS; a++)
		if (ims_io_xfrm_get_sa(&x->nl, &e->set.sa[a], &got[a]))
			return -IMS_E_NOTFOUND; /* expired, or deleted */
	memcpy(out, got, sizeof got);
	return 0;
}

static void xfrm_free(struct ims_ipsec_backend *b)
{
	struct ims_io_xfrm *x = self(b);
	struct ims_map_node *n;

	while (x->sets.n && (n = ims_map_each(&x->sets, NULL)))
		del(b,
		    ims_container(n, struct ims_io_xfrm_entry, node)->set.id);
	while (!ims_list_empty(&x->ports))
		drop_port(x, ims_container(x->ports.next,
					   struct ims_io_xfrm_port, node));
	ims_map_free(&x->sets);
	ims_io_xfrm_deaf(x);
	ims_io_xfrm_nl_close(&x->nl);
	free(x);
}

static const struct ims_ipsec_backend_ops ops = {
	.name = "kernel",
	.protect = protect,
	.unprotect = unprotect,
	.add = add,
	.del = del,
	.life = life,
	.count = count,
	.sweep = ims_io_xfrm_sweep,
	.leave = leave,
	.free = xfrm_free,
};

int ims_io_xfrm_new(const struct ims_io_backend_conf *conf,
		    struct ims_ipsec_backend **out, struct ims_flaw *why)
{
	struct ims_io_xfrm *x = calloc(1, sizeof *x);
	int err;

	if (!x || ims_map_init(&x->sets)) {
		free(x);
		return ims_flaw(why, -IMS_E_NOMEM, "kernel back-end");
	}
	x->b.ops = &ops;
	x->conf = *conf;
	ims_list_init(&x->ports);
	err = ims_io_xfrm_nl_open(&x->nl, conf->netns, why);
	if (err) {
		xfrm_free(&x->b);
		return err;
	}
	ims_io_xfrm_listen(x);
	*out = &x->b;
	return 0;
}

/* A state of no use: to and from nowhere, with a key of zeros. */
int ims_io_probe_kernel(int netns, uint8_t family, struct ims_flaw *why)
{
	struct ims_io_xfrm_nl *x = calloc(1, sizeof *x);
	struct ims_ipsec_set set = {.suite = {IMS_ALG_HMAC_SHA1, IMS_EALG_NULL},
				    .life_s = 10};
	struct ims_ipsec_sa *sa = &set.sa[IMS_UC_TO_PS];
	int err;

	if (!x)
		return ims_flaw(why, -IMS_E_NOMEM, "probe");
	sa->src = (struct ims_addr){{.family = family, .b = {127}}, 1};
	sa->dst = (struct ims_addr){{.family = family, .b = {127, 1}}, 1};
	sa->spi = IMS_IO_XFRM_REQID;
	err = ims_io_xfrm_nl_open(x, netns, why);
	if (!err) {
		ims_io_xfrm_put_sa(x, &set, IMS_UC_TO_PS);
		err = ims_io_xfrm_commit(x);
		if (err && err != EEXIST)
			err = refusal(err, why, "a trial SA", "hmac(sha1)",
				      x->said);
		else
			err = 0;
		if (!err) {
			ims_io_xfrm_put_sa_del(x, sa);
			ims_io_xfrm_commit(x);
		}
	}
	ims_io_xfrm_nl_close(x);
	free(x);
	return err;
}
