-- Two campaigns want a person whom only one may contact: the one of higher priority gets him.
--
-- In the outbox the order of handing out sees to that. A list that is sent at once is another matter:
-- when it is selected or sent, people may wait in a selection of higher priority through the same
-- channel. Whether both fit into their limits only the rules of permission know. So they are asked: the pieces that
-- wait are recorded as if they were sent now, permission is asked with them, and all of it is taken
-- back. Whom that refuses, and who would not be refused without, comes second.

CREATE OR REPLACE FUNCTION people_in_line(plan selection, at timestamptz, people bigint[] DEFAULT NULL) RETURNS bigint[]
    LANGUAGE plpgsql SET search_path FROM CURRENT SET jit = off AS
$$
DECLARE
    rivals   bigint[];
    runs     bigint[];
    refused  bigint[] := ARRAY[]::bigint[];
BEGIN
    SELECT array_agg(m.customer_id), array_agg(m.selection_run_id) INTO rivals, runs
      FROM selection_run r JOIN selection s ON s.selection = r.selection AND s.selection <> plan.selection AND s.is_enabled
      JOIN selection_member m ON m.selection_run_id = r.selection_run_id AND m.status IN ('chosen', 'waiting', 'taken')
     WHERE r.status = 'selected' AND r.expires_at > at AND s.priority > plan.priority AND s.channel = plan.channel AND s.campaign IS NOT NULL
       AND (people IS NULL OR m.customer_id = ANY (people));
    IF rivals IS NULL THEN
        RETURN ARRAY[]::bigint[];
    END IF;
    BEGIN
        -- locked in the order in which everybody does; who was merged meanwhile is not there any more
        PERFORM FROM customer c WHERE c.customer_id = ANY (rivals) ORDER BY c.customer_id FOR KEY SHARE;
        INSERT INTO touch (customer_id, source_code, sent_at)
        SELECT m.customer_id, m.source_code, at FROM unnest(rivals, runs) k (customer_id, selection_run_id) JOIN selection_member m ON m.customer_id = k.customer_id AND m.selection_run_id = k.selection_run_id
          JOIN customer c ON c.customer_id = m.customer_id
         ORDER BY m.customer_id;
        refused := ARRAY(SELECT f.customer_id FROM other_contact_refusals('{quiet_hours}', plan.channel, at, plan.campaign, rivals) f);
        RAISE SQLSTATE 'DX000';
    EXCEPTION WHEN SQLSTATE 'DX000' THEN
        NULL;                                   -- the touches are taken back, the answer stays
    END;
    RETURN ARRAY(SELECT DISTINCT u.id FROM unnest(refused) u (id) ORDER BY u.id);
END
$$;
COMMENT ON FUNCTION people_in_line(selection, timestamptz, bigint[]) IS 'who waits in a selection of higher priority through the same channel and may not be contacted by both; of these people, or of all. Who is refused without that is among them, too. A part of select_list() and send_selection()';
