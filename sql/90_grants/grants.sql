-- Grants the rights of the roles. Runs last; a role that the server did not let us create is skipped.
DO $$
DECLARE
    routine regprocedure;
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'seogo_reader') THEN
        GRANT USAGE ON SCHEMA search, core, impl, ops, eval, jobs TO seogo_reader;
        IF EXISTS (SELECT FROM pg_extension AS e
                   WHERE e.extname = 'vector'
                     AND NOT has_schema_privilege('seogo_reader', e.extnamespace, 'USAGE')) THEN
            GRANT USAGE ON SCHEMA pgvector TO seogo_reader;  -- functions name its types and operators
        END IF;
        GRANT SELECT ON ALL TABLES IN SCHEMA search, core, eval TO seogo_reader;
        -- What people asked is not for everybody.
        REVOKE SELECT ON search.queries, search.clicks FROM seogo_reader;
        -- The address of a receiver may hold a password of its own.
        REVOKE SELECT ON search.webhooks, search.deliveries FROM seogo_reader;
        GRANT SELECT ON ops.space, ops.outbox, ops.recall, ops.run, ops.run_item_error, ops.throttle,
            ops.generation_change, ops.drift, ops.calibration, ops.sort_key, ops.contradiction,
            ops.quality_norm, ops.picture_look, ops.opinion, ops.event, ops.score_drift,
            ops.training_step, ops.training_point, ops.task_time TO seogo_reader;
        -- Nor are the texts, whose vectors impl.query_vector looks up for whoever has the text.
        REVOKE SELECT ON ops.query_vector FROM seogo_reader;
        GRANT SELECT (space_id, asked_at, encoded_at, error) ON ops.query_vector TO seogo_reader;
        GRANT SELECT ON ALL TABLES IN SCHEMA jobs TO seogo_reader;
        GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA search, impl, eval TO seogo_reader;
    END IF;
    REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA ops FROM PUBLIC;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'seogo_writer') THEN
        GRANT seogo_reader TO seogo_writer;
        GRANT INSERT, UPDATE, DELETE ON core.item, core.identifier, core.chunk, core.embedding, core.picture,
            core.media, core.reading, core.ocr_line, core.picture_identifier, core.caption,
            core.item_caption, core.caption_prompt, core.product, core.defect_type, core.specimen,
            core.patch_bank, core.patch, core.normal_score, core.labelled_score, core.summary, core.analysis,
            core.analysis_image, core.batch_picture, core.feedback, core.manual, ops.outbox, ops.query_vector,
            ops.throttle, ops.run, ops.run_item_error, ops.contradiction, ops.quality_norm, ops.picture_look,
            ops.opinion, ops.score_drift, core.earlier_reading TO seogo_writer;
        GRANT SELECT ON ops.query_vector TO seogo_writer;
        -- A worker delivers events; what it signs with it does not see.
        GRANT SELECT ON ops.webhook TO seogo_writer;
        GRANT SELECT, UPDATE ON ops.delivery TO seogo_writer;
        GRANT INSERT, UPDATE, DELETE ON eval.judgment, eval.vote TO seogo_writer;
        GRANT INSERT ON eval.query, eval.query_set TO seogo_writer;
        GRANT EXECUTE ON FUNCTION ops.upsert_items, ops.upsert_on_shards, ops.edit_item, ops.delete_items,
            ops.delete_on_shards, ops.claim_batch, ops.store_picture, ops.set_media,
            ops.claim_readings, ops.store_ocr, ops.store_caption,
            ops.claim_item_captions, ops.store_item_caption, ops.read_again, ops.add_prompt,
            ops.enqueue_stale, ops.retry_failed, ops.drop_orphans, ops.add_product, ops.add_defect_type,
            ops.register_specimen, ops.start_bank, ops.switch_bank, ops.replace_manual, ops.restore_manual,
            ops.give_feedback,
            ops.learn_quality, ops.store_looks, ops.judge_items, ops.judge_step, ops.decide_contradiction,
            ops.keep_opinion, ops.claim_deliveries, ops.finish_delivery, ops.sign_message,
            ops.claim_batch_pictures, ops.refuse_batch_picture, ops.close_batch,
            ops.start_batch, ops.claim_batch_file, ops.watch_folder, ops.count_batch,
            ops.retry_on_shards, ops.enqueue_on_shards, ops.media_on_shard, ops.read_on_shards,
            ops.prompts_on_shards,
            ops.keep_judged, ops.keep_on_shards, ops.opinion_on_shards, ops.decide_on_shards,
            ops.looks_on_shards,
            ops.relate_articles, ops.relate_on_shards,
            ops.measure_score_drift, ops.merge_weights,
            ops.keep_vocabulary TO seogo_writer;
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'seogo_admin') THEN
        GRANT seogo_writer TO seogo_admin;
        GRANT ALL ON ALL TABLES IN SCHEMA core, ops, eval, jobs TO seogo_admin;
        -- A trigger on our tables would run as whoever writes them, the owner in the end.
        REVOKE TRIGGER, REFERENCES ON ALL TABLES IN SCHEMA core, ops, eval, jobs FROM seogo_admin;
        -- Secrets of webhooks are made and ended, never read.
        REVOKE ALL ON ops.webhook_secret FROM seogo_admin;
        GRANT SELECT (webhook_id, made_at, ends_at), INSERT, UPDATE (ends_at), DELETE ON ops.webhook_secret
            TO seogo_admin;
        GRANT SELECT ON search.queries, search.clicks, search.webhooks, search.deliveries TO seogo_admin;
        GRANT ALL ON ALL SEQUENCES IN SCHEMA jobs TO seogo_admin;
        GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA ops TO seogo_admin;
    END IF;
    -- Ours fire without it; with it, a trigger on a table of one's own would do to ours, as the owner, what
    -- its rows say.
    FOR routine IN SELECT p.oid FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
        WHERE p.prorettype = 'trigger'::regtype AND n.nspname IN ('search', 'impl', 'ops', 'eval')
    LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', routine);
        IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'seogo_reader') THEN
            EXECUTE format('REVOKE ALL ON FUNCTION %s FROM seogo_reader', routine);
        END IF;
    END LOOP;
END $$;
