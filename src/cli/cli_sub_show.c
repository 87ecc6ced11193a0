/* SPDX-License-Identifier: BSD-2-Clause */
/* cli_sub_show.c - a subscriber as text or JSON; keys only if asked for. */
#include "base_hex.h"
#include "base_mem.h"
#include "base_trace.h"
#include "cli_sub_priv.h"

#include <jansson.h>

/* What somebody else may have put into the file is shown printable. */
static const char *shown(const char *text, char *out, size_t cap)
{
	return ims_printable(ims_str(text), out, cap);
}

static const char *hex(const uint8_t *p, size_t n, char *out, size_t cap)
{
	struct ims_buf b;

	ims_buf_init(&b, out, cap);
	ims_hex_put(&b, p, n);
	return ims_buf_cstr(&b);
}

static size_t opc_len(const struct ims_aka_key *k)
{
	if (k->algo == IMS_AKA_XOR)
		return 0;
	return k->algo == IMS_AKA_TUAK ? 32 : 16;
}

static const char *opc_name(const struct ims_aka_key *k)
{
	return k->algo == IMS_AKA_TUAK ? "topc" : "opc";
}

static void add_text(json_t *o, const char *name, const char *text)
{
	char out[4 * IMS_ID_MAX];

	json_object_set_new(o, name, json_string(shown(text, out, sizeof out)));
}

static void add_hex(json_t *o, const char *name, const uint8_t *p, size_t n)
{
	char out[80];

	json_object_set_new(o, name, json_string(hex(p, n, out, sizeof out)));
	ims_wipe(out, sizeof out);
}

static json_t *impus(const struct ims_sub *sub)
{
	json_t *list = json_array();

	for (size_t i = 0; i < sub->n_impus; i++) {
		json_t *o = json_object();

		add_text(o, "uri", sub->impu[i].uri);
		json_object_set_new(o, "barred",
				    json_boolean(sub->impu[i].barred));
		if (sub->impu[i].set)
			json_object_set_new(o, "set",
					    json_integer(sub->impu[i].set));
		json_array_append_new(list, o);
	}
	return list;
}

static void put_json(const struct sub_conf *c, const struct ims_sub *sub)
{
	json_t *o = json_object();
	char sqn[16];

	add_text(o, "imsi", sub->imsi);
	add_text(o, "impi", sub->impi);
	json_object_set_new(o, "impus", impus(sub));
	add_text(o, "algo", ims_aka_algo_name(sub->key.algo));
	if (c->keys) {
		add_hex(o, "k", sub->key.k, sub->key.k_len);
		if (opc_len(&sub->key))
			add_hex(o, opc_name(&sub->key), sub->key.opc,
				opc_len(&sub->key));
	}
	json_object_set_new(o, "res_len", json_integer(sub->key.res_len));
	if (sub->key.algo == IMS_AKA_TUAK)
		json_object_set_new(o, "iterations",
				    json_integer(sub->key.iterations));
	add_hex(o, "amf", sub->amf, 2);
	snprintf(sqn, sizeof sqn, "%012llx", (unsigned long long)sub->sqn);
	add_text(o, "sqn", sqn);
	json_object_set_new(o, "fixed_sqn", json_boolean(sub->fixed_sqn));
	json_object_set_new(o, "barred", json_boolean(sub->barred));
	json_dumpf(o, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(o);
}

void ims_cli_sub_line(const struct sub_conf *c, const struct ims_sub *sub)
{
	char impi[4 * IMS_ID_MAX], impu[4 * IMS_ID_MAX], k[80], opc[80];

	if (c->json) {
		put_json(c, sub);
		return;
	}
	printf("%-15s  %-8s  %s  %s", sub->imsi,
	       ims_aka_algo_name(sub->key.algo),
	       shown(sub->impi, impi, sizeof impi),
	       shown(sub->n_impus ? sub->impu[0].uri : "-", impu, sizeof impu));
	if (c->keys)
		printf("  %s %s", hex(sub->key.k, sub->key.k_len, k, sizeof k),
		       hex(sub->key.opc, opc_len(&sub->key), opc, sizeof opc));
	puts(sub->barred ? "  barred" : "");
	ims_wipe(k, sizeof k);
	ims_wipe(opc, sizeof opc);
}

static void put_keys(const struct sub_conf *c, const struct ims_aka_key *key)
{
	char out[80];

	printf("%-9s %s\n", "k",
	       c->keys ? hex(key->k, key->k_len, out, sizeof out)
		       : "hidden; --keys shows it");
	if (opc_len(key))
		printf("%-9s %s\n", opc_name(key),
		       c->keys ? hex(key->opc, opc_len(key), out, sizeof out)
			       : "hidden; --keys shows it");
	ims_wipe(out, sizeof out);
}

void ims_cli_sub_page(const struct sub_conf *c, const struct ims_sub *sub)
{
	char out[4 * IMS_ID_MAX];

	if (c->json) {
		put_json(c, sub);
		return;
	}
	printf("imsi      %s\n", sub->imsi);
	printf("impi      %s\n", shown(sub->impi, out, sizeof out));
	for (size_t i = 0; i < sub->n_impus; i++)
		printf("%-9s %s%s%s\n", i ? "" : "impu",
		       shown(sub->impu[i].uri, out, sizeof out),
		       sub->impu[i].barred ? "  barred" : "",
		       sub->impu[i].set ? "  by itself" : "");
	printf("algo      %s\n", ims_aka_algo_name(sub->key.algo));
	put_keys(c, &sub->key);
	printf("res-len   %u\n", sub->key.res_len);
	if (sub->key.algo == IMS_AKA_TUAK)
		printf("rounds    %u\n", sub->key.iterations);
	printf("amf       %s\n", hex(sub->amf, 2, out, sizeof out));
	printf("sqn       %012llx%s\n", (unsigned long long)sub->sqn,
	       sub->fixed_sqn ? "  fixed" : "");
	printf("barred    %s\n", sub->barred ? "yes" : "no");
}
