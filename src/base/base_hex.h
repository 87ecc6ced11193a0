/* SPDX-License-Identifier: BSD-2-Clause */
/* base_hex.h - hexadecimal and base64 (RFC 4648), both ways. */
#ifndef IMS_BASE_HEX_H
#define IMS_BASE_HEX_H

#include "base_buf.h"

/* Lower case, two digits a byte. */
void ims_hex_put(struct ims_buf *b, const void *bytes, size_t n);

/* Reads hex of either case; spaces, colons and a leading 0x are skipped.
 * Returns how many bytes were written to out[cap], or -IMS_E_SYNTAX (a digit
 * is wrong or one is missing), -IMS_E_RANGE (does not fit).
 */
int ims_hex_get(struct ims_str s, uint8_t *out, size_t cap);
/* Same, but exactly n bytes: 0, -IMS_E_SYNTAX (a digit is wrong), or
 * -IMS_E_LENGTH (digits are missing or too many).
 */
int ims_hex_get_n(struct ims_str s, uint8_t *out, size_t n);

void ims_b64_put(struct ims_buf *b, const void *bytes, size_t n);
/* Lenient: the padding may be missing.  Returns bytes written to out[cap], or
 * -IMS_E_SYNTAX, -IMS_E_RANGE.
 */
int ims_b64_get(struct ims_str s, uint8_t *out, size_t cap);

#endif
