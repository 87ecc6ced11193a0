/* SPDX-License-Identifier: BSD-2-Clause */
/* inject_case.h - messages to do wrong things to. */
#ifndef INJECT_CASE_H
#define INJECT_CASE_H

#include "inject_priv.h"
#include "sip_addr.h"
#include "sip_auth.h"
#include "sip_sec.h"
#include "test.h"

#define MAY_BE_UNUSED __attribute__((unused))
#define USER "sip:user@home.example"
#define LIST                                                               \
	"ipsec-3gpp;alg=hmac-sha-1-96;ealg=aes-cbc;spi-c=1111;spi-s=2222;" \
	"port-c=40001;port-s=40002"
#define SERVER                                                      \
	"ipsec-3gpp;q=0.1;alg=hmac-sha-1-96;ealg=aes-cbc;prot=esp;" \
	"mod=trans;spi-c=3333;spi-s=4444;port-c=5064;port-s=5062"
#define NONCE "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

#define HEAD(method, n, branch)                                            \
	"Via: SIP/2.0/UDP [2001:db8::10]:40001;branch=z9hG4bK" branch      \
	"\r\nFrom: <" USER ">;tag=f1\r\nTo: <" USER ">\r\nCall-ID: c1\r\n" \
	"CSeq: " n " " method "\r\nMax-Forwards: 70\r\n"

static const char register1[] MAY_BE_UNUSED =
	"REGISTER sip:home.example SIP/2.0\r\n" HEAD(
		"REGISTER", "1",
		"a") "Contact: "
		     "<sip:user@[2001:db8::10]:40002>;+g.3gpp.smsip\r\n"
		     "Expires: 600000\r\nRequire: sec-agree\r\nProxy-Require: "
		     "sec-agree\r\n"
		     "Supported: path\r\nSecurity-Client: " LIST "\r\n"
		     "Authorization: Digest "
		     "username=\"user@home.example\",realm=\"home."
		     "example\",nonce=\"\",uri=\"sip:home.example\",response="
		     "\"\"\r\n"
		     "Content-Length: 0\r\n\r\n";

static const char register2[] MAY_BE_UNUSED =
	"REGISTER sip:home.example SIP/2.0\r\n" HEAD(
		"REGISTER", "2",
		"b") "Contact: <sip:user@[2001:db8::10]:40002>\r\nExpires: "
		     "600000\r\n"
		     "Require: sec-agree\r\nProxy-Require: "
		     "sec-agree\r\nSupported: path\r\n"
		     "Security-Client: " LIST "\r\nSecurity-Verify: " SERVER
		     "\r\n"
		     "Authorization: Digest "
		     "username=\"user@home.example\",realm=\"home."
		     "example\",nonce=\"" NONCE
		     "\",uri=\"sip:home.example\",algorithm="
		     "AKAv1-MD5,response="
		     "\"0123456789abcdef0123456789abcdef\"\r\n"
		     "Content-Length: 0\r\n\r\n";

static const char challenge[] MAY_BE_UNUSED =
	"SIP/2.0 401 Unauthorized\r\n" HEAD(
		"REGISTER", "1",
		"a") "WWW-Authenticate: Digest "
		     "realm=\"home.example\",nonce=\"" NONCE
		     "\",algorithm=AKAv1-MD5\r\nSecurity-Server: " SERVER "\r\n"
		     "Content-Length: 0\r\n\r\n";

static const char ok[] MAY_BE_UNUSED = "SIP/2.0 200 OK\r\n" HEAD(
	"REGISTER", "2",
	"b") "Contact: <sip:user@[2001:db8::10]:40002>;expires=600000\r\n"
	     "Service-Route: <sip:s@home.example;lr>\r\n"
	     "P-Associated-URI: <" USER ">\r\nContent-Length: 0\r\n\r\n";

#define DOC                                                                    \
	"<?xml version=\"1.0\"?>\r\n<reginfo version=\"3\" state=\"full\" "    \
	"xmlns=\"urn:ietf:params:xml:ns:reginfo\"><registration aor=\"" USER   \
	"\" id=\"1\" state=\"active\"><contact id=\"2\" state=\"active\" "     \
	"event=\"registered\" expires=\"100\"><uri>sip:user@h</uri></contact>" \
	"</registration></reginfo>"
static const char notify[] MAY_BE_UNUSED = "NOTIFY " USER " SIP/2.0\r\n" HEAD(
	"NOTIFY", "7",
	"n") "Event: reg\r\nSubscription-State: active;expires=100\r\n"
	     "Content-Type: application/reginfo+xml\r\n"
	     "Content-Length: 280\r\n\r\n" DOC;

static const struct ims_flow gm_clear MAY_BE_UNUSED = {
	.local = {{6, {0x20, 1}}, 5060},
	.remote = {{6, {0x20, 2}}, 5060},
};
static const struct ims_flow gm_inside MAY_BE_UNUSED = {
	.local = {{6, {0x20, 1}}, 5062},
	.remote = {{6, {0x20, 2}}, 40001},
	.set = 9,
};
static const struct ims_flow mw MAY_BE_UNUSED = {.side = IMS_MW};

/* One armed case. */
static inline struct ims_inject *armed(bool ue, const char *spec)
{
	struct ims_inject *j = ims_inject_new(ue);
	struct ims_flaw why;

	assert_non_null(j);
	if (ims_inject_add(j, ims_str(spec), &why))
		fail_msg("%s", why.text);
	return j;
}

/* The next mail must be a message for there; parsed. */
static inline void mail_is(struct ims_inject *j, uint64_t now,
			   enum ims_inject_at at, struct ims_inject_mail *mail,
			   struct ims_sip_msg *m)
{
	assert_true(ims_inject_next(j, now, mail));
	assert_int_equal(mail->at, at);
	assert_int_equal(ims_sip_msg_parse(mail->bytes, m, NULL), 0);
}

static inline void told(struct ims_inject *j, uint64_t now, const char *what)
{
	struct ims_inject_mail mail;
	char text[300];

	assert_true(ims_inject_next(j, now, &mail));
	assert_int_equal(mail.at, IMS_INJECT_TELL);
	assert_true(ims_str_copy(text, sizeof text, mail.bytes));
	if (!strstr(text, what))
		fail_msg("\"%s\" is not in \"%s\"", what, text);
}

static inline void value_is(const struct ims_sip_msg *m, enum ims_sip_hdr_id id,
			    const char *want)
{
	char text[1024];

	assert_true(ims_str_copy(text, sizeof text, ims_sip_get(m, id)));
	assert_string_equal(text, want);
}

#endif
