// The round by .NET's web services, with the classes that wsdl.exe makes of the WSDL: see ../README.md.
using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Web.Services.Protocols;
using System.Xml;

public static class Client
{
    public static readonly Dictionary<string, string> Given = new Dictionary<string, string>();

    public static void Main(string[] arguments)
    {
        foreach (var parts in arguments.Select(argument => argument.Split(new[] { '=' }, 2)))
        {
            Given[parts[0]] = parts[1];
        }
        Desk.Help();
        ReadSessions();
        Watch();
        MakeCodes();
    }

    private static void ReadSessions()
    {
        var service = new sessions.SessionsService();
        var known = Call("logon", () => service.logon(Given["username"], Given["password"]));
        Call("getPortal", () => service.getPortal(known));
        var number = long.Parse(Given["session"]);
        var session = Call("getSession", () => service.getSession(known, number));
        for (var guess = 0; guess < 4; guess++)
        {
            Call("logon", () => service.logon(Given["locked"], "wrong"));
        }
        var some = new[] { Given["subPortal"] };
        Call("getSessionIds", () => service.getSessionIds(
            known, Instant("from"), Instant("to"), sessions.RangeBy.Posted, true, some, 0, false, 0, false));
        Follow(service, known);
        Download(session.files[0]);
        Call("getDefaultKey", () => service.getDefaultKey(known, 1));
        Tell("logoff", () => service.logoff(known));
        Call("getPortal", () => service.getPortal(known));
    }

    private static void Follow(sessions.SessionsService service, string known)
    {
        Call("getLastUpdateId", () => service.getLastUpdateId(known));
        var max = int.Parse(Given["max"]);
        long since = 0;
        sessions.Update[] page;
        do
        {
            page = Call("getUpdates", () => service.getUpdates(known, since, max, true));
            since = page.Length == 0 ? since : page[page.Length - 1].updateId;
        }
        while (page.Length == max);
    }

    private static void Watch()
    {
        var service = new monitors.MonitorsService();
        var known = Call("logon", () => service.logon(Given["username"], Given["password"]));
        Call("getRepresentatives", () => service.getRepresentatives(known));
        Call("getQueues", () => service.getQueues(known));
        Tell("logoff", () => service.logoff(known));
    }

    private static void MakeCodes()
    {
        var service = new phonemode.PhoneModeService();
        var known = Call("logon", () => service.logon(Given["username"], Given["password"]));
        var who = Given["representative"];
        Func<phonemode.PhoneCode> create = () => service.createCode(
            known, who, Given["portal"], Given["customer"], Given["reference"]);
        var made = Call("createCode", create);
        Call("getCodes", () => service.getCodes(known, who));
        Tell("cancelCode", () => service.cancelCode(known, made.code));
        Call("getCodes", () => service.getCodes(known, who));
        Call("createCode", create);
        Call("cancelCodes", () => service.cancelCodes(known, who));
        Call("getCodes", () => service.getCodes(known, who));
        Tell("logoff", () => service.logoff(known));
    }

    private static void Download(sessions.SessionFile file)
    {
        var bytes = new WebClient().DownloadData(file.url);
        var digest = SHA256.Create().ComputeHash(bytes);
        Say("download", "gives", new Dictionary<string, object>
        {
            { "size", bytes.Length },
            { "sha256", string.Concat(digest.Select(one => one.ToString("x2"))) },
            { "told", file.sha256 },
        });
    }

    private static DateTime Instant(string name)
    {
        return DateTime.Parse(Given[name], CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal);
    }

    /// <summary>Calls an operation that gives nothing.</summary>
    public static void Tell(string operation, Action doing)
    {
        Call(operation, () => { doing(); return (string)null; });
    }

    /// <summary>Calls an operation; prints what it gives, or the detail of its fault.</summary>
    public static T Call<T>(string operation, Func<T> call)
    {
        T gives;
        try
        {
            gives = call();
        }
        catch (SoapException refused)
        {
            var detail = refused.Detail.ChildNodes.OfType<XmlElement>().Single();
            var fields = detail.ChildNodes.OfType<XmlElement>()
                .ToDictionary(field => field.LocalName, field => (object)field.InnerText);
            Say(operation, "fault", detail.LocalName, "fields", fields);
            return default(T);
        }
        Say(operation, "gives", gives);
        return gives;
    }

    private static void Say(string operation, params object[] told)
    {
        var line = new Dictionary<string, object> { { "call", operation } };
        for (var at = 0; at < told.Length; at += 2)
        {
            line[(string)told[at]] = told[at + 1];
        }
        Console.Out.WriteLine(Json(line));
    }

    /// <summary>Writes a value as JSON; a generated class by its properties.</summary>
    private static string Json(object value)
    {
        if (value == null)
        {
            return "null";
        }
        if (value is string || value is Enum)
        {
            return Quoted(value.ToString());
        }
        if (value is bool)
        {
            return (bool)value ? "true" : "false";
        }
        if (value is int || value is long)
        {
            return Convert.ToString(value, CultureInfo.InvariantCulture);
        }
        if (value is DateTime)
        {
            return Quoted(((DateTime)value).ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ss.fffZ"));
        }
        if (value is byte[])
        {
            return Quoted(Convert.ToBase64String((byte[])value));
        }
        var fields = value as IDictionary<string, object>;
        if (fields != null)
        {
            return "{" + string.Join(",", fields.Select(one => Quoted(one.Key) + ":" + Json(one.Value))) + "}";
        }
        var list = value as IEnumerable;
        if (list != null)
        {
            return "[" + string.Join(",", list.Cast<object>().Select(Json)) + "]";
        }
        return Json(Properties(value));
    }

    /// <summary>Gives the properties of a generated class; what is not "specified" is absent.</summary>
    private static IDictionary<string, object> Properties(object value)
    {
        var all = value.GetType().GetProperties().ToDictionary(one => one.Name, one => one.GetValue(value));
        object said;
        return all
            .Where(one => !all.ContainsKey(one.Key.Replace("Specified", "")) || !one.Key.EndsWith("Specified"))
            .ToDictionary(
                one => one.Key,
                one => all.TryGetValue(one.Key + "Specified", out said) && !(bool)said ? null : one.Value);
    }

    private static string Quoted(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var one in text)
        {
            if (one == '"' || one == '\\')
            {
                quoted.Append('\\').Append(one);
            }
            else if (one < ' ' || one > '~')
            {
                quoted.Append("\\u").Append(((int)one).ToString("x4"));
            }
            else
            {
                quoted.Append(one);
            }
        }
        return quoted.Append('"').ToString();
    }
}
