-- Shares of test groups, to the person.

-- What each group gets of the new people, so that old and new together come as near to the shares as
-- they can. A group that has more than its share already gets none, and the others share what is left
-- (water filling); what is left over after rounding down goes to the largest remainders (Hare and
-- Niemeyer), the earlier group on a tie.
CREATE OR REPLACE FUNCTION split_quotas(shares numeric[], had bigint[], people bigint) RETURNS bigint[]
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path FROM CURRENT AS
$$
DECLARE
    result  bigint[] := array_fill(0::bigint, ARRAY[cardinality(shares)]);
    wanted  numeric[];
    open    boolean[] := array_fill(true, ARRAY[cardinality(shares)]);
    level   numeric;
    closed  boolean;
    best    int;
BEGIN
    LOOP
        SELECT (people + sum(u.had)) / sum(u.share) INTO level FROM unnest(shares, had, open) u (share, had, is_open) WHERE u.is_open;
        closed := false;
        FOR i IN 1 .. cardinality(shares) LOOP
            IF open[i] AND shares[i] * level < had[i] THEN
                open[i] := false;
                closed := true;
            END IF;
        END LOOP;
        EXIT WHEN NOT closed;
    END LOOP;
    FOR i IN 1 .. cardinality(shares) LOOP
        wanted[i] := CASE WHEN open[i] THEN shares[i] * level - had[i] ELSE 0 END;
        result[i] := floor(wanted[i]);
    END LOOP;
    WHILE (SELECT sum(q) FROM unnest(result) q) < people LOOP
        SELECT u.i INTO best FROM unnest(wanted, result, open) WITH ORDINALITY u (wanted, quota, is_open, i) WHERE u.is_open ORDER BY u.wanted - u.quota DESC, u.i LIMIT 1;
        result[best] := result[best] + 1;
    END LOOP;
    RETURN result;
END
$$;
COMMENT ON FUNCTION split_quotas(numeric[], bigint[], bigint) IS 'how many of so many new people each group gets, so that with those it had the groups come as near to their shares as whole people allow; the quotas add up to the people. A part of select_list()';
