/* SPDX-License-Identifier: BSD-2-Clause */
/* cli_demo.c - imsreg demo: the eight steps, live. */
#include "cli_demo.h"

#include "cli_capture.h"
#include "cli_err.h"
#include "cli_live.h"
#include "cli_opt.h"
#include "cli_show.h"
#include "run_demo.h"

#include <stdio.h>
#include <string.h>

struct conf {
	struct ims_cli_live_conf live;
	unsigned transport, family, ipsec, offer, wire;
	char alg[32], ealg[32], write[4096];
};

static const char *const transports[] = {"seed", "udp", "tcp", NULL};
static const char *const families[] = {"6", "4", NULL};
static const char *const ipsecs[] = {"auto", "kernel", "userspace", NULL};
static const char *const offers[] = {"first", "challenged", NULL};
static const char *const wires[] = {"auto", "namespace", "memory", NULL};

/* clang-format off */
#define AT(member) offsetof(struct conf, member), sizeof((struct conf *)0)->member
static const struct ims_opt opts[] = {
	{"transport", 't', IMS_OPT_WORD, AT(transport), transports, NULL,
	 "seed: REGISTER over TCP, the rest over UDP (default)"},
	{"family", 0, IMS_OPT_WORD, AT(family), families, NULL,
	 "IP version (default 6)"},
	{"alg", 0, IMS_OPT_TEXT, AT(alg), NULL, "ALG",
	 "integrity: hmac-md5-96, hmac-sha-1-96, aes-gmac, null"},
	{"ealg", 0, IMS_OPT_TEXT, AT(ealg), NULL, "EALG",
	 "encryption: null, aes-cbc, des-ede3-cbc, aes-gcm"},
	{"ipsec", 0, IMS_OPT_WORD, AT(ipsec), ipsecs, NULL,
	 "who does ESP (default auto: the kernel if it can)"},
	{"offer", 0, IMS_OPT_WORD, AT(offer), offers, NULL,
	 "when the UE offers Security-Client (default first)"},
	{"wire", 0, IMS_OPT_WORD, AT(wire), wires, NULL,
	 "namespaces, or a wire in memory (default auto)"},
	{"write", 'w', IMS_OPT_TEXT, AT(write), NULL, "FILE",
	 "write a pcapng and its Wireshark profile (holds ESP keys)"},
	{"log", 0, IMS_OPT_WORD, AT(live.log), ims_cli_levels, NULL,
	 "how much is said beside the ladder (default error)"},
	{"json", 'j', IMS_OPT_FLAG, AT(live.json), NULL, NULL,
	 "one JSON object a line"},
};
/* clang-format on */

static const struct ims_opt_table table = {
	.command = "demo",
	.usage = "[OPTION...]",
	.about = "A UE registers at an IMS core with AKA and IPsec: two hosts, "
		 "eight messages,\nreal ESP. Needs no configuration.",
	.opt = opts,
	.n_opts = sizeof opts / sizeof *opts,
};

struct view {
	struct ims_cli_show show;
	struct ims_cli_live live; /* its log only */
	const struct conf *conf;
};

/* --alg and --ealg name one pair; one alone is completed with what fits. */
static int suite(const struct conf *c, struct ims_demo_conf *d)
{
	int alg = *c->alg ? ims_ipsec_alg_find(ims_str(c->alg)) : -1;
	int ealg = *c->ealg ? ims_ipsec_ealg_find(ims_str(c->ealg)) : -1;

	if ((*c->alg && alg < 0) || (*c->ealg && ealg < 0)) {
		bool a = *c->alg && alg < 0;

		return ims_cli_fail("demo", -IMS_E_USAGE,
				    "--%s: \"%s\" is no algorithm of TS "
				    "33.203 Annex H (imsreg help demo)",
				    a ? "alg" : "ealg", a ? c->alg : c->ealg);
	}
	if (alg < 0 && ealg < 0)
		return 0;
	if (alg < 0)
		alg = ealg == IMS_EALG_AES_GCM ? IMS_ALG_NULL
					       : IMS_ALG_HMAC_SHA1;
	if (ealg < 0)
		ealg = alg == IMS_ALG_NULL ? IMS_EALG_AES_GCM : IMS_EALG_NULL;
	d->one_suite = true;
	d->suite.alg = (enum ims_ipsec_alg)alg;
	d->suite.ealg = (enum ims_ipsec_ealg)ealg;
	if (!ims_ipsec_suite_valid(d->suite))
		return ims_cli_fail("demo", -IMS_E_USAGE,
				    "%s with %s is not a pair of TS 33.203 "
				    "Annex H",
				    ims_ipsec_alg(d->suite.alg)->token,
				    ims_ipsec_ealg(d->suite.ealg)->token);
	return 0;
}

static void begins(void *arg, bool in_memory, const char *ipsec,
		   const char *text)
{
	const struct view *v = arg;

	if (v->conf->live.json)
		return;
	if (in_memory)
		printf("imsreg demo: two hosts on a wire in memory%s%s%s\n\n",
		       *text ? ", as this user or machine cannot do more ("
			     : "",
		       text, *text ? ")" : "");
	else
		printf("imsreg demo: two network namespaces joined by a veth "
		       "pair, %s (%s)\n\n",
		       ims_cli_ipsec_place(ipsec), text);
	fflush(stdout);
}

static void message(void *arg, unsigned number, const struct ims_sight *m,
		    const struct ims_step *step,
		    const struct ims_secagree *agreed, uint64_t wall_ms)
{
	struct view *v = arg;

	ims_cli_show_message(&v->show, number, m, step, agreed, wall_ms);
}

/* A failure is the last thing that is said, with cause and next step. */
static void told(void *arg, enum ims_who who, const struct ims_act *tell)
{
	struct view *v = arg;

	if (tell->tell != IMS_TELL_FAILED)
		ims_cli_live_told(&v->live, who, tell);
}

static void print_sas(struct view *v, const struct ims_demo_result *r)
{
	char text[4096];
	struct ims_buf b;

	if (!r->has_set || v->conf->live.json)
		return;
	ims_buf_init(&b, text, sizeof text);
	ims_ladder_sa_table(&b, &v->show.ladder, &r->set, r->count);
	printf("\n%s", ims_buf_cstr(&b));
}

static void save(const struct conf *c, struct ims_demo_result *r)
{
	struct ims_flaw why;
	char line[8192];
	struct ims_buf b;

	if (!*c->write || !r->capture)
		return;
	if (ims_cli_capture_save(r->capture, c->write, &why)) {
		ims_cli_fail("demo", why.err, "%s", why.text);
		r->ok = false;
		r->err = why.err;
		return;
	}
	if (c->live.json)
		return;
	ims_buf_init(&b, line, sizeof line);
	ims_cli_capture_tshark(&b, c->write);
	printf("\n%zu packets in %s; to see them decrypted:\n  %s\n",
	       ims_capture_packets(r->capture), c->write, ims_buf_cstr(&b));
}

static int show(struct view *v, struct ims_demo_result *r)
{
	const struct conf *c = v->conf;
	int status = IMS_EXIT_OK;

	print_sas(v, r);
	save(c, r);
	if (c->live.json)
		ims_cli_show_result(r->ok, r->err, r->why, r->messages);
	if (!r->ok)
		status = ims_cli_fail("demo", r->err, "%s", r->why);
	else if (!c->live.json)
		printf("\nAll eight steps seen and checked.\n");
	return status;
}

int ims_cli_demo(int argc, char **argv)
{
	struct conf c = {0};
	struct ims_demo_conf d;
	struct ims_demo_result r;
	struct view v = {.conf = &c};
	struct ims_demo_eye eye = {.begins = begins,
				   .message = message,
				   .told = told,
				   .arg = &v};
	int status = ims_cli_opt(&table, argc, argv, &c, NULL, 0);

	if (status == IMS_OPT_HELPED)
		return IMS_EXIT_OK;
	if (status < 0)
		return (int)ims_err_info(status)->exit;
	ims_demo_conf_default(&d);
	d.transport = (enum ims_demo_transport)c.transport;
	d.family = c.family ? 4 : 6;
	d.ipsec = (enum ims_io_ipsec)c.ipsec;
	d.offer = (enum ims_ue_offer)c.offer;
	d.wire = (enum ims_demo_wire)c.wire;
	status = suite(&c, &d);
	if (status)
		return status;
	ims_cli_live_log(&v.live, &c.live);
	d.trace = &v.live.trace;
	ims_cli_show_init(&v.show, c.live.json);
	snprintf(v.show.ladder.ue, sizeof v.show.ladder.ue, "%s",
		 IMS_DEMO_IMSI);
	ims_demo_run(&d, &eye, &r);
	status = show(&v, &r);
	ims_capture_free(r.capture);
	return status;
}
