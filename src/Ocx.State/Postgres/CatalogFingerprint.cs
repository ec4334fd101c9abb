using Npgsql;

namespace Ocx.State.Postgres;

/// <summary>
/// A hash of what makes a database's schema: tables, columns, constraints, indexes, functions, types, rights, roles.
/// Not of what comes and goes with data: sizes, statistics, files, temporary tables.
/// </summary>
internal static class CatalogFingerprint
{
    private const string Text = """
        WITH space AS (
          SELECT oid FROM pg_namespace WHERE nspname !~ '^pg_(toast_)?temp_' AND nspname <> 'pg_toast'
        ), class AS (
          SELECT c.* FROM pg_class c JOIN space s ON s.oid = c.relnamespace WHERE c.oid >= 16384
        ), line (text) AS (
          SELECT row(n.oid, nspname, nspowner, nspacl)::text FROM pg_namespace n JOIN space s ON s.oid = n.oid
          UNION ALL SELECT row('class', oid, relname, relnamespace, relkind, relowner, relpersistence, relacl,
            reloptions, relrowsecurity, relforcerowsecurity, relreplident, reloftype)::text FROM class
          UNION ALL SELECT row('column', attrelid, attnum, attname, atttypid, atttypmod, attnotnull, attisdropped,
            attidentity, attgenerated, attcollation, attacl)::text
            FROM pg_attribute WHERE attnum > 0 AND attrelid IN (SELECT oid FROM class WHERE relkind <> 'i')
          UNION ALL SELECT row('default', adrelid, adnum, adbin)::text
            FROM pg_attrdef WHERE adrelid IN (SELECT oid FROM class)
          UNION ALL SELECT row('index', indexrelid, indrelid, indkey::text, indisunique, indisvalid, indpred)::text
            FROM pg_index WHERE indrelid IN (SELECT oid FROM class)
          UNION ALL SELECT row('constraint', oid, conname, conrelid, contype, conkey, confrelid, conbin,
            condeferrable, condeferred, convalidated)::text FROM pg_constraint
            WHERE oid >= 16384 AND connamespace IN (SELECT oid FROM space)
          UNION ALL SELECT row('trigger', oid, tgrelid, tgname, tgfoid, tgtype, tgenabled)::text
            FROM pg_trigger WHERE tgrelid IN (SELECT oid FROM class)
          UNION ALL SELECT row('rule', oid, rulename, ev_class, ev_enabled, ev_action)::text
            FROM pg_rewrite WHERE ev_class IN (SELECT oid FROM class)
          UNION ALL SELECT row('policy', oid, polname, polrelid, polcmd, polroles, polqual, polwithcheck)::text
            FROM pg_policy
          UNION ALL SELECT row('inherits', inhrelid, inhparent)::text FROM pg_inherits
            WHERE inhrelid IN (SELECT oid FROM class)
          UNION ALL SELECT row('function', oid, proname, pronamespace, proowner, prolang, prosecdef, prosrc,
            proargtypes::text, prorettype, proconfig, proacl)::text FROM pg_proc
            WHERE oid >= 16384 AND pronamespace IN (SELECT oid FROM space)
          UNION ALL SELECT row('type', oid, typname, typnamespace, typowner, typtype, typdefault, typacl)::text
            FROM pg_type WHERE oid >= 16384 AND typnamespace IN (SELECT oid FROM space)
          UNION ALL SELECT row('enum', enumtypid, enumsortorder, enumlabel)::text FROM pg_enum
          UNION ALL SELECT row('sequence', seqrelid, seqtypid, seqincrement, seqmax, seqmin, seqcycle)::text
            FROM pg_sequence WHERE seqrelid IN (SELECT oid FROM class)
          UNION ALL SELECT row('extension', oid, extname, extversion)::text FROM pg_extension
          UNION ALL SELECT row('event trigger', evtname, evtevent, evtfoid, evtenabled)::text FROM pg_event_trigger
          UNION ALL SELECT row('publication', oid, pubname)::text FROM pg_publication
          UNION ALL SELECT row('server', oid, srvname, srvoptions)::text FROM pg_foreign_server
          UNION ALL SELECT row('default rights', defaclrole, defaclnamespace, defaclobjtype, defaclacl)::text
            FROM pg_default_acl
          UNION ALL SELECT row('setting', setdatabase, setrole, setconfig)::text FROM pg_db_role_setting
          UNION ALL SELECT row('role', oid, rolname, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin,
            rolbypassrls, rolconnlimit, rolpassword, rolvaliduntil)::text FROM pg_authid
          UNION ALL SELECT row('member', roleid, member, admin_option)::text FROM pg_auth_members
          UNION ALL SELECT row('database', oid, datname, datdba, datacl)::text FROM pg_database
        )
        SELECT md5(string_agg(md5(text), '' ORDER BY text COLLATE "C")) FROM line
        """;

    /// <summary>Takes it now.</summary>
    public static async Task<string> TakeAsync(NpgsqlConnection session, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(Text, session);
        return (string)(await command.ExecuteScalarAsync(cancellation).ConfigureAwait(false))!;
    }
}
