-- Merge/purge: many lists become one in which nobody is twice, with a fate for each row, and the reports of it.
--
-- A query may only read, and sees what the calling statement sees: stable. Unsafe in parallel, since it may call what it likes.

CREATE FUNCTION merge_purge(query text, list_priority text[] DEFAULT '{}', suppression_lists text[] DEFAULT '{}', keep_per_household int DEFAULT NULL,
    list_ranks int[] DEFAULT NULL, random_priority boolean DEFAULT false, seed bigint DEFAULT 0, bridging boolean DEFAULT true, result_lists text[] DEFAULT NULL,
    OUT list text, OUT row_no bigint, OUT fate text, OUT entity bigint, OUT list_count int, OUT lists text[],
    OUT survivor_list text, OUT survivor_row_no bigint, OUT why text) RETURNS SETOF record
    LANGUAGE C STABLE PARALLEL UNSAFE COST 100000 ROWS 100000 AS 'MODULE_PATHNAME', 'dupex_merge_purge';
COMMENT ON FUNCTION merge_purge(text, text[], text[], int, int[], boolean, bigint, boolean, text[]) IS
    'the fate of each row of any number of lists. query returns (list text, row_no bigint, match_keys text[] [, household text [, is_valid boolean]]) in any order: the number of a row in its list, once each; keys of several kinds, such as {email_match_key, e164}, NULL or empty for none: rows with the same key at the same place are one entity, and so are those that hang together by several rows; in two dimensions the keys of a line are of one kind, such as {{email,NULL},{mobile,phone}}; household: a key such as address_key(); is_valid: not true is invalid, and joins nothing.
list_priority: lists that keep a row before those behind them, the house file first; the others come after them, by the bytes of their names. list_ranks: a rank for each of these, equal ranks are equals. random_priority: equals draw lots for each entity instead of going by name. suppression_lists: kill all rows of their entities and never survive, also rows that are not valid. keep_per_household: so many net rows of a household stay, those of better lists first, of one list by lot; NULL keeps all. seed: of the lots; the same seed gives the same result. bridging: false lets no row join entities that better lists keep apart; it goes to the best of them, so the fates in better lists never depend on worse ones. result_lists: only rows of these lists are returned, all are taken into account; NULL for all.
fate: invalid; intra (its list has the entity before); suppressed; inter (another list keeps the entity); household; net. entity: a number for the rows that are one, NULL when invalid. list_count: lists that the entity is on, without suppression lists. lists: their names, by priority, of a net row of a multi-buyer (two lists and more). survivor_list, survivor_row_no: the net row that is used instead, NULL when there is none. why: in words, NULL for a net row.
Nothing depends on the order of rows. Raises 23505 for a number that comes twice in a list, 22004 for a row without list or number, 22023 for arguments that contradict each other, 42804 for a query of other columns, 54000 beyond 2,000,000,000 rows; a NOTICE says when a suppression list has no row. Keeps 45 bytes a row in memory, and keys and result within work_mem and in temporary files beyond it';

CREATE FUNCTION list_overlap(query text, OUT list text, OUT other_list text, OUT entities bigint, OUT share_of_list numeric) RETURNS SETOF record
    LANGUAGE C STRICT STABLE PARALLEL UNSAFE COST 100000 ROWS 1000 AS 'MODULE_PATHNAME', 'dupex_list_overlap';
COMMENT ON FUNCTION list_overlap(text) IS
    'how many entities two lists have in common, for all pairs: the match matrix in long form. query returns (list text, entity bigint or text), such as SELECT list, entity FROM the result of merge_purge(); rows without one of them are left out. entities: distinct ones on both lists; the pair of a list with itself has all of the list. share_of_list: of the entities of list, 0..1 with four decimals. No row for a pair that has nothing in common; sorted by bytes of list, other_list. Raises 54000 for more than 10,000 lists, 42804 for a query of other columns';

CREATE FUNCTION merge_purge_summary(query text, OUT list text, OUT input bigint, OUT invalid bigint, OUT intra bigint, OUT suppressed bigint, OUT inter bigint, OUT household bigint,
    OUT single_buyers bigint, OUT multi_buyers bigint, OUT net bigint, OUT share_kept numeric) RETURNS SETOF record
    LANGUAGE plpgsql STRICT STABLE PARALLEL UNSAFE COST 100000 ROWS 20 AS
$$
BEGIN
    PERFORM dupex.query_columns_check('merge_purge_summary', query, 'list, fate, list_count');
    RETURN QUERY EXECUTE format($query$
        SELECT q.list, count(*), count(*) FILTER (WHERE q.fate = 'invalid'), count(*) FILTER (WHERE q.fate = 'intra'), count(*) FILTER (WHERE q.fate = 'suppressed'),
            count(*) FILTER (WHERE q.fate = 'inter'), count(*) FILTER (WHERE q.fate = 'household'), count(*) FILTER (WHERE q.fate = 'net' AND q.list_count < 2),
            count(*) FILTER (WHERE q.fate = 'net' AND q.list_count > 1), count(*) FILTER (WHERE q.fate = 'net'), round(count(*) FILTER (WHERE q.fate = 'net')::numeric / count(*), 4)
        FROM (%s
            ) q (list, fate, list_count) GROUP BY q.list ORDER BY q.list COLLATE "C" $query$, query);
END
$$;
COMMENT ON FUNCTION merge_purge_summary(text) IS
    'what became of the rows of each list. query returns (list text, fate text, list_count int) of the rows of merge_purge(). input = invalid + intra + suppressed + inter + household + net, and net = single_buyers + multi_buyers (entities on one list, on several). share_kept: net / input, 0..1 with four decimals. Sorted by bytes of list';

CREATE FUNCTION merge_purge_multi_buyers(query text, OUT list_count int, OUT entities bigint, OUT share numeric) RETURNS SETOF record
    LANGUAGE plpgsql STRICT STABLE PARALLEL UNSAFE COST 100000 ROWS 5 AS
$$
BEGIN
    PERFORM dupex.query_columns_check('merge_purge_multi_buyers', query, 'fate, list_count');
    RETURN QUERY EXECUTE format($query$
        SELECT q.list_count, count(*), round(count(*) / sum(count(*)) OVER (), 4)
        FROM (%s
            ) q (fate, list_count) WHERE q.fate = 'net' GROUP BY q.list_count ORDER BY q.list_count $query$, query);
END
$$;
COMMENT ON FUNCTION merge_purge_multi_buyers(text) IS
    'how many net entities are on one list, on two, on three ... query returns (fate text, list_count int) of the rows of merge_purge(). share: of all net entities, 0..1 with four decimals';

CREATE FUNCTION net_name_bill(gross bigint, net bigint, price_per_thousand numeric, floor_share numeric DEFAULT 0.85, running_charge_per_thousand numeric DEFAULT 0,
    OUT names_paid bigint, OUT charge numeric, OUT names_not_paid bigint, OUT running_charge numeric, OUT total numeric, OUT cost_per_net_name numeric) RETURNS record
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS
$$
BEGIN
    IF gross < 0 OR net < 0 OR net > gross THEN
        RAISE EXCEPTION 'net_name_bill of % net names out of %', net, gross
            USING ERRCODE = '22023', HINT = 'gross is the number of names supplied, net the number of those that are used.';
    END IF;
    IF NOT floor_share BETWEEN 0 AND 1 THEN
        RAISE EXCEPTION 'floor_share of net_name_bill is %', floor_share
            USING ERRCODE = '22023', HINT = 'It is a share from 0 to 1: 0.85 pays for 85 % of the names supplied at least, 1 for all of them.';
    END IF;
    IF price_per_thousand < 0 OR running_charge_per_thousand < 0 OR price_per_thousand >= 'Infinity' OR running_charge_per_thousand >= 'Infinity' THEN
        RAISE EXCEPTION 'net_name_bill at % and a running charge of %', price_per_thousand, running_charge_per_thousand
            USING ERRCODE = '22023', HINT = 'Prices are money per thousand names, 0 or more.';
    END IF;
    names_paid := greatest(net, ceil(floor_share * gross));
    charge := round(names_paid * price_per_thousand / 1000, 2);
    names_not_paid := gross - names_paid;
    running_charge := round(names_not_paid * running_charge_per_thousand / 1000, 2);
    total := charge + running_charge;
    cost_per_net_name := round(total / nullif(net, 0), 4);
END
$$;
COMMENT ON FUNCTION net_name_bill(bigint, bigint, numeric, numeric, numeric) IS
    'what a rented list costs on net-name terms. gross: names supplied (input of merge_purge_summary); net: names used; floor_share: of the gross names, rounded up, that are paid for at least. names_paid: the larger of both, charge: for them at price_per_thousand; running_charge: for the names that are not paid for, at running_charge_per_thousand; both rounded to two decimals. cost_per_net_name: total / net, NULL without one. Raises 22023 for more net names than gross ones, a floor that is no share, a price below 0';
