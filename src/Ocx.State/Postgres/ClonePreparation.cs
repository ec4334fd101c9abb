using Npgsql;
using Ocx.State.Clones;

namespace Ocx.State.Postgres;

/// <summary>
/// What is done to a clone between its promotion and the shadow: it cannot reach out, and tells what is done.
/// </summary>
internal static class ClonePreparation
{
    /// <summary>The slot whose changes are the effects.</summary>
    public const string Slot = "ocx";

    // Libraries of functions that work on values alone. All others of the source's are not loaded in a clone: they may
    // open connections (dblink, postgres_fdw, http), start programs or write files.
    private const string HarmlessLibraries =
        "'plpgsql','pgcrypto','uuid-ossp','hstore','citext','ltree','pg_trgm','btree_gin','btree_gist','_int','cube',"
        + "'earthdistance','fuzzystrmatch','tablefunc','unaccent','isn','seg','bloom','dict_int','dict_xsyn','lo',"
        + "'tcn','autoinc','insert_username','moddatetime','refint','pg_stat_statements','tsm_system_rows',"
        + "'tsm_system_time','postgis-3','postgis_topology-3','vector'";

    private const string CheckRole = """
        SELECT r.rolcanlogin AND pg_catalog.has_database_privilege(r.oid, pg_catalog.current_database(), 'CONNECT'),
          EXISTS (
            SELECT FROM pg_catalog.pg_roles p
            WHERE pg_catalog.pg_has_role(r.oid, p.oid, 'MEMBER')
              AND (p.rolsuper OR p.rolreplication
                OR (p.rolcreaterole AND pg_catalog.current_setting('server_version_num')::int < 160000)
                OR p.rolname IN ('pg_execute_server_program', 'pg_read_server_files', 'pg_write_server_files',
                  'pg_create_subscription')))
        FROM pg_catalog.pg_roles r WHERE r.rolname = $1
        """;

    // In one transaction. A trigger counts the rows of a table that is truncated: the log does not have them.
    private const string Prepare = """
        SET session_replication_role = replica;
        UPDATE pg_catalog.pg_foreign_data_wrapper SET fdwhandler = 0 WHERE fdwhandler <> 0;
        UPDATE pg_catalog.pg_proc SET probin = '$libdir/not-in-a-clone'
        WHERE prolang = (SELECT oid FROM pg_catalog.pg_language WHERE lanname = 'c') AND oid >= 16384
          AND pg_catalog.regexp_replace(probin, '^.*/', '') NOT IN (%LIBRARIES%);
        UPDATE pg_catalog.pg_subscription SET subenabled = false WHERE subenabled;
        UPDATE pg_catalog.pg_class SET relreplident = 'f'
        WHERE oid >= 16384 AND relkind = 'r' AND relpersistence = 'p' AND relreplident <> 'f';
        CREATE SCHEMA %SCHEMA%;
        CREATE TABLE %SCHEMA%.truncated (relation text NOT NULL, rows bigint NOT NULL);
        CREATE FUNCTION %SCHEMA%.count_rows() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = pg_catalog SET row_security = off AS $count$
        DECLARE
          n bigint;
        BEGIN
          EXECUTE pg_catalog.format('SELECT pg_catalog.count(*) FROM ONLY %I.%I', TG_TABLE_SCHEMA, TG_TABLE_NAME)
            INTO n;
          INSERT INTO %SCHEMA%.truncated VALUES (pg_catalog.format('%I.%I', TG_TABLE_SCHEMA, TG_TABLE_NAME), n);
          RETURN NULL;
        END
        $count$;
        DO $each$
        DECLARE
          t regclass;
        BEGIN
          FOR t IN
            SELECT c.oid FROM pg_catalog.pg_class c
            WHERE c.oid >= 16384 AND c.relkind = 'r' AND c.relpersistence <> 't'
              AND c.relnamespace <> '%SCHEMA%'::regnamespace
              AND pg_catalog.has_table_privilege('%ROLE%', c.oid, 'TRUNCATE')
          LOOP
            EXECUTE pg_catalog.format('CREATE TRIGGER %SCHEMA% BEFORE TRUNCATE ON %s '
              || 'FOR EACH STATEMENT EXECUTE FUNCTION %SCHEMA%.count_rows()', t);
          END LOOP;
        END
        $each$;
        UPDATE pg_catalog.pg_trigger SET tgenabled = 'A' WHERE tgfoid = '%SCHEMA%.count_rows()'::regprocedure;
        UPDATE pg_catalog.pg_namespace SET nspacl = NULL WHERE nspname = '%SCHEMA%';
        UPDATE pg_catalog.pg_class SET relacl = NULL WHERE relnamespace = '%SCHEMA%'::regnamespace;
        UPDATE pg_catalog.pg_proc
        SET proacl = ARRAY[pg_catalog.makeaclitem(proowner, proowner, 'EXECUTE', false)]
        WHERE pronamespace = '%SCHEMA%'::regnamespace;
        ALTER ROLE %QUOTED% PASSWORD '%PASSWORD%';
        """;

    /// <summary>Looks whether the shadow's role is there, and can do no more in the server than change data.</summary>
    /// <exception cref="CloneException">It is not, or it can.</exception>
    public static async Task CheckRoleAsync(
        NpgsqlConnection session,
        PostgresSource source,
        CancellationToken cancellation
    )
    {
        await using var check = new NpgsqlCommand(CheckRole, session)
        {
            Parameters = { new NpgsqlParameter { Value = source.ShadowRole } },
        };
        await using NpgsqlDataReader reader = await check.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        if (!await reader.ReadAsync(cancellation).ConfigureAwait(false) || !reader.GetBoolean(0))
        {
            throw new CloneException(
                CloneFailure.RoleMissing,
                $"{source.Name}: no role {source.ShadowRole} can connect to {source.Database}"
            );
        }

        if (reader.GetBoolean(1))
        {
            throw new CloneException(
                CloneFailure.RoleTooPowerful,
                $"{source.Name}: {source.ShadowRole} may start programs or read files in its server, "
                    + "as superusers, replicators and makers of roles may; a shadow could leave its sandbox by that"
            );
        }
    }

    /// <summary>Prepares a promoted clone for the shadow.</summary>
    /// <param name="session">A superuser's session in the shadow's database.</param>
    /// <param name="source">Whose clone it is.</param>
    /// <param name="schema">The name of the schema for what this program notes: plain letters and digits.</param>
    /// <param name="password">The role's new password: plain letters and digits.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async Task RunAsync(
        NpgsqlConnection session,
        PostgresSource source,
        string schema,
        string password,
        CancellationToken cancellation
    )
    {
        await EndPreparedTransactionsAsync(session, source, cancellation).ConfigureAwait(false);
        string text = Prepare
            .Replace("%LIBRARIES%", HarmlessLibraries, StringComparison.Ordinal)
            .Replace("%SCHEMA%", schema, StringComparison.Ordinal)
            .Replace("%PASSWORD%", password, StringComparison.Ordinal)
            .Replace("%QUOTED%", Quote('"', source.ShadowRole), StringComparison.Ordinal)
            .Replace("'%ROLE%'", Quote('\'', source.ShadowRole), StringComparison.Ordinal);
        await ExecuteAsync(session, text, cancellation).ConfigureAwait(false);
        await ExecuteAsync(
                session,
                $"SELECT FROM pg_catalog.pg_create_logical_replication_slot('{Slot}', 'test_decoding')",
                cancellation
            )
            .ConfigureAwait(false);
    }

    // A slot begins when all older transactions have ended, and these do not end by themselves.
    private static async Task EndPreparedTransactionsAsync(
        NpgsqlConnection session,
        PostgresSource source,
        CancellationToken cancellation
    )
    {
        var here = new List<string>();
        await using (
            var ask = new NpgsqlCommand(
                "SELECT gid, database = pg_catalog.current_database() FROM pg_catalog.pg_prepared_xacts",
                session
            )
        )
        await using (NpgsqlDataReader reader = await ask.ExecuteReaderAsync(cancellation).ConfigureAwait(false))
        {
            while (await reader.ReadAsync(cancellation).ConfigureAwait(false))
            {
                if (!reader.GetBoolean(1))
                {
                    throw new CloneException(
                        CloneFailure.SourceNotSupported,
                        $"{source.Name} has a prepared transaction in another database"
                    );
                }

                here.Add(reader.GetString(0));
            }
        }

        foreach (string transaction in here)
        {
            await ExecuteAsync(session, $"ROLLBACK PREPARED {Quote('\'', transaction)}", cancellation)
                .ConfigureAwait(false);
        }
    }

    private static async Task ExecuteAsync(NpgsqlConnection session, string text, CancellationToken cancellation)
    {
#pragma warning disable CA2100 // names are quoted, the rest is this program's own
        await using var command = new NpgsqlCommand(text, session);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
    }

    private static string Quote(char mark, string name) =>
        mark + name.Replace($"{mark}", $"{mark}{mark}", StringComparison.Ordinal) + mark;
}
