/* SPDX-License-Identifier: BSD-2-Clause */
/* ipsec_wireshark.h - the keys of a set, as Wireshark and pcapng take them.
 *
 * What is written here are ESP keys: files that hold it are for their owner
 * only, and the caller wipes the buffer.  K, OPc, CK and IK are never in it.
 *
 * Two forms of the same information, one line (record) per SA, every field in
 * double quotes, lines ended by LF:
 *
 *	esp_sa   8 columns: "Protocol" (IPv4, IPv6), "Src IP", "Dest IP", "SPI"
 *	         (0x and 8 digits), "Encryption", "Encryption Key" (0x and hex,
 *	         empty for NULL; GCM: key and salt), "Authentication",
 *	         "Authentication Key".  A file of that name in a profile, or
 *	         -o 'uat:esp_sa:LINE' (without the LF).  Wireshark 4.0 dies of a
 *	         label that it does not know, and it knows no AES-GMAC.  "NULL"
 *	         with "ANY 128 bit authentication" would not help: it takes the
 *	         IV of 8 bytes for the ports of the datagram.  So for GMAC
 *	         nothing is written.
 *	secrets  the same and two more: "SN" ("32-bit") and "ESN High Bits"
 *	         ("0x00000000"): the data of a decryption secrets block of type
 *	         0x45535053 in a pcapng file.  There an unknown label makes a
 *	         reader skip the line, so GMAC is written too, with a label of
 *	         ours: "NULL", "", "AES-GMAC [RFC4543]", key and salt.
 *
 * Spec: draft-ietf-opsawg-pcapng 4.7 (secrets types).
 */
#ifndef IMS_IPSEC_WIRESHARK_H
#define IMS_IPSEC_WIRESHARK_H

#include "base_buf.h"
#include "ipsec_sa.h"

#define IMS_WIRESHARK_SECRETS_TYPE 0x45535053 /* "ESPS" */
/* Room that the lines of one set need at most. */
#define IMS_WIRESHARK_LINES 1600

/* Adds the four lines for esp_sa.  Returns 0; or, with nothing written,
 * -IMS_E_ALGO (Wireshark does not know the algorithm), -IMS_E_TOOBIG (no room).
 */
int ims_ipsec_wireshark_esp_sa(const struct ims_ipsec_set *s,
			       struct ims_buf *b);
/* Adds the four records of a secrets block.  Returns 0 or -IMS_E_TOOBIG. */
int ims_ipsec_wireshark_secrets(const struct ims_ipsec_set *s,
				struct ims_buf *b);

#endif
