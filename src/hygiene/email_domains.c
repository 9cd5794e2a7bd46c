/*
 * email_domains.c
 *		What is known of mail domains and of local parts, everywhere and for long.
 *
 * Lists that change from month to month (the thousands of throw-away domains, the
 * domains of a house's own customers) are rows of the user's tables. Here is only
 * what nearly every list of addresses needs: the large mailbox providers of China
 * and of the West, which are never taken for a slip or for throw-away; the most
 * used throw-away services; names that no mail can reach.
 *
 * A slip is one edit away from a large provider: a character wrong, missing or too
 * much, or two neighbours swapped (Damerau, Communications of the ACM 7, 1964).
 * Where the provider's own name is as short as "qq" or "163", other companies have
 * the names one edit away, and only the ending may be wrong.
 */
#include "hygiene/email.h"

#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* mailbox providers, in the order of strcmp */
static const char *const known_domains[] = {
	"126.com", "139.com", "163.com", "163.net", "188.com", "189.cn", "21cn.com",
	"263.net", "aim.com", "aliyun.com", "aol.com", "att.net", "bellsouth.net",
	"bigpond.com", "bk.ru", "bol.com.br", "btinternet.com", "charter.net",
	"china.com", "comcast.net", "cox.net", "daum.net", "docomo.ne.jp",
	"duck.com", "email.com", "eyou.com", "ezweb.ne.jp", "fastmail.com",
	"fastmail.fm", "foxmail.com", "free.fr", "freenet.de", "gmail.com",
	"gmx.at", "gmx.ch", "gmx.com", "gmx.de", "gmx.net", "googlemail.com",
	"hanmail.net", "hey.com", "hinet.net", "hotmail.co.uk", "hotmail.com",
	"hotmail.de", "hotmail.es", "hotmail.fr", "hotmail.it", "icloud.com",
	"inbox.ru", "interia.pl", "jd.com", "laposte.net", "libero.it", "list.ru",
	"live.cn", "live.co.uk", "live.com", "live.de", "live.fr", "mac.com",
	"mail.com", "mail.de", "mail.ru", "me.com", "msn.com", "naver.com",
	"netease.com", "o2.pl", "orange.fr", "outlook.com", "outlook.de",
	"outlook.es", "outlook.fr", "pm.me", "proton.me", "protonmail.com",
	"qq.com", "rambler.ru", "rediffmail.com", "rocketmail.com",
	"sbcglobal.net", "seznam.cz", "sfr.fr", "sina.cn", "sina.com",
	"sina.com.cn", "sky.com", "softbank.ne.jp", "sogou.com", "sohu.com",
	"t-online.de", "terra.com.br", "tom.com", "tutanota.com", "uol.com.br",
	"verizon.net", "vip.126.com", "vip.163.com", "vip.qq.com", "vip.sina.com",
	"vip.sohu.com", "vip.tom.com", "virgilio.it", "wanadoo.fr", "web.de",
	"wo.cn", "wo.com.cn", "wp.pl", "ya.ru", "yahoo.ca", "yahoo.cn",
	"yahoo.co.in", "yahoo.co.jp", "yahoo.co.uk", "yahoo.com", "yahoo.com.br",
	"yahoo.com.cn", "yahoo.com.hk", "yahoo.com.tw", "yahoo.de", "yahoo.es",
	"yahoo.fr", "yahoo.it", "yandex.com", "yandex.ru", "yeah.net", "ymail.com",
	"zoho.com"
};

/* throw-away services that have been there for years, in the order of strcmp */
static const char *const disposable_domains[] = {
	"10minutemail.com", "discard.email", "dispostable.com",
	"emailondeck.com", "fakeinbox.com", "getairmail.com", "getnada.com",
	"grr.la", "guerrillamail.biz", "guerrillamail.com", "guerrillamail.de",
	"guerrillamail.info", "guerrillamail.net", "guerrillamail.org",
	"mailcatch.com", "maildrop.cc", "mailexpire.com", "mailinator.com",
	"mailinator.net", "mailnesia.com", "mintemail.com", "moakt.com",
	"mohmal.com", "mytemp.email", "sharklasers.com", "spamgourmet.com",
	"temp-mail.org", "tempail.com", "tempr.email", "throwawaymail.com",
	"trashmail.com", "trashmail.net", "yopmail.com", "yopmail.fr",
	"yopmail.net"
};

/*
 * Mailboxes of a function and not of a person: RFC 2142, and what else nobody
 * reads as a person. In the order of strcmp.
 */
static const char *const role_locals[] = {
	"abuse", "admin", "administrator", "contact", "do-not-reply", "donotreply",
	"ftp", "hostmaster", "info", "kefu", "mailer-daemon", "marketing",
	"news", "no-reply", "noc", "noreply", "office", "postmaster", "root",
	"sales", "security", "service", "support", "usenet", "uucp", "webmaster",
	"www"
};

/* providers so large that a domain one edit away is a slip */
static const char *const slip_targets[] = {
	"qq.com", "163.com", "gmail.com", "126.com", "hotmail.com", "outlook.com",
	"yahoo.com", "foxmail.com", "icloud.com", "aliyun.com", "sina.com",
	"sohu.com", "139.com"
};

/* below this the name of a provider before its ".com" must be right itself */
#define NAME_LONG_ENOUGH 5

/* a string that does not end with '\0' */
typedef struct Name
{
	const char *text;
	size_t		length;
} Name;

static int
compare_name(const void *wanted, const void *entry)
{
	const Name *name = wanted;
	const char *other = *(const char *const *) entry;
	int			order = strncmp(name->text, other, name->length);

	return order != 0 || other[name->length] == '\0' ? order : -1;
}

static bool
is_in(const char *text, size_t length, const char *const *list, size_t count)
{
	Name		name = {text, length};

	return bsearch(&name, list, count, sizeof(list[0]), compare_name) != NULL;
}

/*
 * Whether a domain, or one that it is a part of, is in a list: compared label by
 * label, so that "notmailinator.com" is not "mailinator.com".
 */
static bool
is_under(const char *domain, size_t length, const char *const *list,
		 size_t count)
{
	while (length > 0)
	{
		const char *dot;

		if (is_in(domain, length, list, count))
			return true;
		dot = memchr(domain, '.', length);
		if (dot == NULL)
			return false;
		length -= (size_t) (dot + 1 - domain);
		domain = dot + 1;
	}
	return false;
}

/*
 * All domains here are in lower case and ASCII. A mailbox provider:
 */
bool
dupex_email_domain_is_known(const char *domain, size_t length)
{
	return is_in(domain, length, known_domains, COUNT(known_domains));
}

/*
 * A throw-away service, or a domain under one.
 */
bool
dupex_email_domain_is_disposable(const char *domain, size_t length)
{
	return !dupex_email_domain_is_known(domain, length) &&
		is_under(domain, length, disposable_domains, COUNT(disposable_domains));
}

/*
 * Names that never lead to a mailbox outside: RFC 2606, 6761, 6762, 7686.
 */
bool
dupex_email_domain_is_special(const char *domain, size_t length)
{
	static const char *const special[] = {
		"arpa", "example", "example.com", "example.net", "example.org",
		"internal", "invalid", "local", "localhost", "onion", "test"
	};

	return is_under(domain, length, special, COUNT(special));
}

/*
 * The local part in lower case of a mailbox of a function.
 */
bool
dupex_email_local_is_role(const char *local, size_t length)
{
	return is_in(local, length, role_locals, COUNT(role_locals));
}

/*
 * Whether two texts are exactly one edit apart: a character replaced, left out or
 * put in, or two neighbours swapped. Linear.
 */
bool
dupex_one_edit_apart(const char *a, size_t a_length, const char *b,
					 size_t b_length)
{
	size_t		from = 0;
	size_t		end = 0;		/* characters that agree at the end */

	if (a_length > b_length)
		return dupex_one_edit_apart(b, b_length, a, a_length);
	if (b_length - a_length > 1)
		return false;
	while (from < a_length && a[from] == b[from])
		from++;
	while (end < a_length - from &&
		   a[a_length - 1 - end] == b[b_length - 1 - end])
		end++;
	if (a_length < b_length)
		return from + end == a_length;
	if (a_length - from - end == 2)
		return a[from] == b[from + 1] && a[from + 1] == b[from];
	return a_length - from - end == 1;
}

/*
 * The large provider that a domain is a slip of; NULL for none. Known domains and
 * those under .cn are never slips.
 */
const char *
dupex_email_domain_meant(const char *domain, size_t length)
{
	if (length > 3 && memcmp(domain + length - 3, ".cn", 3) == 0)
		return NULL;
	if (dupex_email_domain_is_known(domain, length))
		return NULL;
	for (size_t i = 0; i < COUNT(slip_targets); i++)
	{
		const char *target = slip_targets[i];
		size_t		target_length = strlen(target);
		size_t		name_length = strcspn(target, ".");

		if (length + 1 < target_length || length > target_length + 1 ||
			!dupex_one_edit_apart(domain, length, target, target_length))
			continue;
		if (name_length >= NAME_LONG_ENOUGH ||
			strncmp(domain, target, name_length + 1) == 0 ||
			(length + 1 == target_length && memchr(domain, '.', length) == NULL))
			return target;
	}
	return NULL;
}
