/* SPDX-License-Identifier: BSD-2-Clause */
/* cli_aka.c - `imsreg aka`: options in, AKA and digest values out. */
#include "cli_aka.h"

#include "base_hex.h"
#include "base_mem.h"
#include "cli_aka_priv.h"
#include "cli_err.h"
#include "cli_opt.h"

#include <stdio.h>
#include <string.h>

#define AT(member) offsetof(struct aka_conf, member)
#define TEXT(name, member, arg, help)                                      \
	{                                                                  \
		name, 0, IMS_OPT_TEXT, AT(member),                         \
			sizeof(((struct aka_conf *)0)->member), NULL, arg, \
			help                                               \
	}

/* clang-format off */
static const struct ims_opt options[] = {
	IMS_CLI_KEY_OPTS(aka_conf, key),
	TEXT("nonce", nonce, "BASE64", "of the 401: RAND and AUTN"),
	TEXT("rand", rand, "HEX", "RAND, with --autn, --sqn or --auts"),
	TEXT("autn", autn, "HEX", "check this AUTN"),
	TEXT("sqn", sqn, "HEX", "make a vector with this SQN"),
	TEXT("amf", amf, "HEX", "AMF for it (8000)"),
	TEXT("auts", auts, "HEX|BASE64", "recover SQN_MS"),
	TEXT("username", username, "IMPI", "for the digest response: username,"),
	TEXT("realm", realm, "TEXT", "realm and"),
	TEXT("uri", uri, "URI", "uri as they stand in Authorization"),
	TEXT("method", method, "NAME", "default: REGISTER"),
	TEXT("qop", qop, "auth|auth-int", "default: none (auth-int: empty body)"),
	TEXT("nc", nc, "HEX", "with --qop; default: 00000001"),
	TEXT("cnonce", cnonce, "TEXT", "with --qop"),
	TEXT("algorithm", algorithm, "NAME",
	     "AKAv1-MD5 (default), AKAv2-MD5, AKAv2-SHA-256"),
	TEXT("response", response, "HEX", "compare with this one"),
	{"json", 0, IMS_OPT_FLAG, AT(json), 0, NULL, NULL, "one JSON object"},
};
/* clang-format on */

static const struct ims_opt_table table = {
	.command = "aka",
	.usage = "--key K [--opc OPC] --nonce NONCE [OPTION]...",
	.about =
		"Computes what a USIM and an HSS compute from a challenge: "
		"give "
		"--nonce, or --rand\nand --autn, or --rand, --sqn and --amf to "
		"make a vector; with --auts the SQN of the\ncard; with "
		"--username, --realm and --uri the digest response, too (with "
		"--auts the\none that goes with it: empty password).",
	.opt = options,
	.n_opts = sizeof options / sizeof *options,
};

struct work {
	const struct aka_conf *c;
	struct ims_cli_keys keys;
	uint8_t rnd[16], autn[16], auts[14];
	bool has_autn;
	char nonce[800];
	struct ims_card_answer answer;
	struct aka_report report;
	int err; /* what the values mean; not wrong use */
};

static int misuse(const char *text)
{
	return ims_cli_fail("aka", IMS_E_USAGE, "%s", text);
}

static int read_nonce(struct work *w)
{
	if (*w->c->rand || *w->c->autn || *w->c->sqn)
		return misuse("--nonce: not together with --rand, --autn or "
			      "--sqn, it holds them");
	if (ims_digest_nonce_open(ims_str(w->c->nonce), w->rnd, w->autn))
		return misuse("--nonce: not the base64 of 32 bytes or more "
			      "(RAND and AUTN): no AKA, or cut short");
	snprintf(w->nonce, sizeof w->nonce, "%s", w->c->nonce);
	w->has_autn = true;
	return 0;
}

/* A vector of our own for --sqn. */
static int make_vector(struct work *w)
{
	struct ims_aka_vector v;
	uint8_t sqn[6], amf[2] = {0x80, 0};
	uint64_t n = 0;
	int err;

	if (!ims_cli_bytes("aka", "--sqn", w->c->sqn, sqn, 6, 0))
		return IMS_EXIT_USAGE;
	if (*w->c->amf && !ims_cli_bytes("aka", "--amf", w->c->amf, amf, 2, 0))
		return IMS_EXIT_USAGE;
	for (int i = 0; i < 6; i++)
		n = n << 8 | sqn[i];
	err = ims_aka_vector(&w->keys.key, w->rnd, n, amf, &v);
	if (err)
		return ims_cli_fail("aka", err, NULL);
	memcpy(w->autn, v.autn, 16);
	ims_wipe(&v, sizeof v);
	w->has_autn = true;
	return 0;
}

static int read_rand(struct work *w)
{
	struct ims_buf b;
	int status = 0;

	if (!ims_cli_bytes("aka", "--rand", w->c->rand, w->rnd, 16, 0))
		return IMS_EXIT_USAGE;
	if (*w->c->autn && *w->c->sqn)
		return misuse("--sqn: not together with --autn");
	if (*w->c->autn) {
		if (!ims_cli_bytes("aka", "--autn", w->c->autn, w->autn, 16, 0))
			return IMS_EXIT_USAGE;
		w->has_autn = true;
	} else if (*w->c->sqn) {
		status = make_vector(w);
	} else if (!*w->c->auts) {
		return misuse("--rand: --autn, --sqn or --auts is needed, too");
	}
	ims_buf_init(&b, w->nonce, sizeof w->nonce);
	if (w->has_autn)
		ims_digest_nonce_put(&b, w->rnd, w->autn);
	ims_buf_cstr(&b);
	return status;
}

/* As it stands in Authorization, or as hex. */
static int read_auts(struct work *w)
{
	if (ims_hex_get_n(ims_str(w->c->auts), w->auts, 14) == 0 ||
	    ims_digest_auts_open(ims_str(w->c->auts), w->auts) == 0)
		return 0;
	return misuse("--auts: 28 hex digits or the base64 of 14 bytes wanted");
}

static int read_challenge(struct work *w)
{
	int status;

	if (*w->c->amf && !*w->c->sqn)
		return misuse("--amf: only together with --sqn");
	if (*w->c->nonce)
		status = read_nonce(w);
	else if (*w->c->rand)
		status = read_rand(w);
	else
		return misuse("--nonce, or --rand with --autn or --sqn, is "
			      "needed");
	if (!status && *w->c->auts)
		status = read_auts(w);
	return status;
}

static void put_sqn(struct aka_report *r, const char *name, uint64_t sqn)
{
	char text[16];

	snprintf(text, sizeof text, "%012llx", (unsigned long long)sqn);
	ims_cli_aka_put(r, name, text);
	ims_cli_aka_note(r, "SEQ %llu, IND %u (of 5 bits)",
			 (unsigned long long)sqn >> 5, (unsigned)(sqn & 31));
}

/* Does the challenge fit once OP and OPc change places? */
static bool other_fits(const struct work *w)
{
	struct ims_aka_autn seen = {0};

	return w->keys.other_err &&
	       ims_aka_autn(&w->keys.other, w->rnd, w->autn, &seen) == 0 &&
	       seen.mac_ok;
}

static void put_autn(struct work *w, const struct ims_aka_autn *seen)
{
	struct aka_report *r = &w->report;

	ims_cli_aka_hex(r, "autn", w->autn, 16);
	put_sqn(r, "sqn", seen->sqn);
	if (!seen->mac_ok)
		ims_cli_aka_note(r, "means nothing while the MAC is wrong");
	ims_cli_aka_hex(r, "amf", seen->amf, 2);
	ims_cli_aka_hex(r, "mac", seen->mac, 8);
	ims_cli_aka_note(r, seen->mac_ok ? "ok" : "WRONG");
	ims_cli_aka_bool(r, "mac_ok", seen->mac_ok);
}

static int compute(struct work *w)
{
	struct aka_report *r = &w->report;
	struct ims_aka_autn seen = {0};
	struct ims_aka_out o = {0};
	int err;

	if (w->has_autn)
		err = ims_aka_answer(&w->keys.key, w->rnd, w->autn, &seen, &o);
	else
		err = ims_aka_f2345(&w->keys.key, w->rnd, &o);
	if (err)
		return ims_cli_fail("aka", err, NULL);
	ims_cli_aka_hex(r, "rand", w->rnd, 16);
	if (w->has_autn)
		put_autn(w, &seen);
	if (w->has_autn && !seen.mac_ok)
		w->err = other_fits(w) ? w->keys.other_err : -IMS_E_AKA_MAC;
	ims_cli_aka_hex(r, "res", o.res, o.res_len);
	ims_cli_aka_hex(r, "ck", o.ck, 16);
	ims_cli_aka_hex(r, "ik", o.ik, 16);
	ims_cli_aka_hex(r, "ak", o.ak, 6);
	if (*w->c->sqn)
		ims_cli_aka_put(r, "nonce", w->nonce);
	w->answer.verdict = IMS_CARD_OK;
	w->answer.res_len = o.res_len;
	memcpy(w->answer.res, o.res, sizeof o.res);
	memcpy(w->answer.ck, o.ck, 16);
	memcpy(w->answer.ik, o.ik, 16);
	ims_wipe(&o, sizeof o);
	return 0;
}

static void compute_auts(struct work *w)
{
	uint64_t sqn_ms = 0, any;
	int err = ims_aka_auts_open(&w->keys.key, w->rnd, w->auts, &sqn_ms);

	ims_cli_aka_hex(&w->report, "auts", w->auts, 14);
	ims_cli_aka_note(&w->report, err ? "WRONG" : "ok");
	if (!err)
		put_sqn(&w->report, "sqn_ms", sqn_ms);
	if (err && !w->err)
		w->err = w->keys.other_err && !ims_aka_auts_open(&w->keys.other,
								 w->rnd,
								 w->auts, &any)
				 ? w->keys.other_err
				 : err;
	w->answer.verdict = IMS_CARD_RESYNC;
}

static int read_digest(const struct work *w, struct ims_digest_in *in)
{
	const struct aka_conf *c = w->c;

	if (!*c->username || !*c->realm || !*c->uri)
		return misuse("--username, --realm and --uri are all needed "
			      "for the response");
	if (!*w->nonce)
		return misuse("--nonce is needed for the response");
	if (*c->qop && !*c->cnonce)
		return misuse("--cnonce is needed with --qop");
	*in = (struct ims_digest_in){
		.username = ims_str(c->username),
		.realm = ims_str(c->realm),
		.nonce = ims_str(w->nonce),
		.method = ims_str(c->method),
		.uri = ims_str(c->uri),
		.qop = ims_str(c->qop),
		.nc = ims_str(c->nc),
		.cnonce = ims_str(c->cnonce),
	};
	if (ims_digest_algo_parse(ims_str(c->algorithm), &in->algo) ||
	    !in->algo.akav)
		return misuse("--algorithm: AKAv1-MD5, AKAv2-MD5 or "
			      "AKAv2-SHA-256 wanted");
	return 0;
}

static int compute_response(struct work *w)
{
	uint8_t password[IMS_DIGEST_PASSWORD_MAX];
	char response[IMS_DIGEST_HEX];
	struct ims_digest_in in = {0};
	size_t n = 0;
	int status = read_digest(w, &in);
	bool same;

	if (status || w->err)
		return status;
	if (ims_digest_password(in.algo, &w->answer, password, &n) ||
	    ims_digest_response(&in, password, n, response))
		return ims_cli_fail("aka", IMS_E_ALGO, NULL);
	ims_wipe(password, sizeof password);
	ims_cli_aka_put(&w->report, "response", response);
	if (!*w->c->response)
		return 0;
	same = ims_str_eq(ims_str(response), ims_str(w->c->response));
	ims_cli_aka_note(&w->report, same ? "matches" : "DIFFERS");
	ims_cli_aka_bool(&w->report, "response_ok", same);
	if (!same)
		w->err = -IMS_E_AKA_RES;
	return 0;
}

/* Values first, then what they mean. */
static int finish(struct work *w)
{
	if (w->err && w->c->json) {
		const struct ims_err_info *e = ims_err_info(w->err);

		ims_cli_aka_put(&w->report, "error", e->id);
		ims_cli_aka_put(&w->report, "hint", e->next);
	}
	ims_cli_aka_print(&w->report, w->c->json);
	fflush(stdout);
	return w->err ? ims_cli_fail("aka", w->err, NULL) : 0;
}

static bool wants_response(const struct aka_conf *c)
{
	return *c->username || *c->realm || *c->uri || *c->response;
}

static int run(struct work *w)
{
	int status = ims_cli_key("aka", &w->c->key, &w->keys);

	if (!status)
		status = read_challenge(w);
	if (!status)
		status = compute(w);
	if (!status && *w->c->auts)
		compute_auts(w);
	if (!status && wants_response(w->c))
		status = compute_response(w);
	return status ? status : finish(w);
}

int ims_cli_aka(int argc, char **argv)
{
	struct aka_conf c = {.method = "REGISTER",
			     .nc = "00000001",
			     .algorithm = "AKAv1-MD5"};
	struct work w = {.c = &c};
	int n = ims_cli_opt(&table, argc, argv, &c, NULL, 0);
	int status = IMS_EXIT_OK;

	if (n < 0)
		status = (int)ims_err_info(n)->exit;
	else if (n != IMS_OPT_HELPED)
		status = run(&w);
	ims_wipe(&w, sizeof w);
	ims_wipe(&c, sizeof c);
	return status;
}
