<?php
// The round by PHP's SoapClient, driven by the WSDL alone: see ../README.md for arguments and calls.
declare(strict_types=1);

// What the schema has as base64Binary comes as bytes, which JSON cannot carry.
const BINARY = ['wrappedKey', 'kdfSalt'];

$given = [];
foreach (array_slice($argv, 1) as $argument) {
    [$name, $value] = explode('=', $argument, 2);
    $given[$name] = $value;
}
$web = stream_context_create(isset($given['ca']) ? ['ssl' => ['cafile' => $given['ca']]] : []);

function main(array $given): void
{
    $sessions = client($given['sessions']);
    $logon = ['username' => $given['username'], 'password' => $given['password']];
    $here = ['connectionId' => call($sessions, 'logon', $logon)];
    call($sessions, 'getPortal', $here);
    $session = call($sessions, 'getSession', [...$here, 'sessionId' => (int) $given['session']]);
    for ($guess = 0; $guess < 4; $guess++) {
        call($sessions, 'logon', ['username' => $given['locked'], 'password' => 'wrong']);
    }
    follow($sessions, $here, (int) $given['max']);
    $monitors = client($given['monitors']);
    call($monitors, 'getRepresentatives', $here);
    call($monitors, 'getQueues', $here);
    make_code(client($given['phonemode']), $here, $given);
    download($session->files->SessionFile[0]);
    call($sessions, 'logoff', $here);
    call($sessions, 'getPortal', $here);
}

function client(string $wsdl): SoapClient
{
    global $given, $web;
    return new SoapClient($wsdl, [
        'soap_version' => $given['version'] === '1.2' ? SOAP_1_2 : SOAP_1_1,
        'features' => SOAP_SINGLE_ELEMENT_ARRAYS,
        'cache_wsdl' => WSDL_CACHE_NONE,
        'stream_context' => $web,
    ]);
}

function follow(SoapClient $sessions, array $here, int $max): void
{
    call($sessions, 'getLastUpdateId', $here);
    $since = 0;
    do {
        $found = call($sessions, 'getUpdates', [...$here, 'since' => $since, 'max' => $max]);
        $page = $found->Update ?? [];
        $since = end($page)->updateId ?? $since;
    } while (count($page) === $max);
}

function make_code(SoapClient $phonemode, array $here, array $given): void
{
    $whose = [...$here, 'representative' => $given['representative']];
    $made = call($phonemode, 'createCode', [
        ...$whose,
        'portal' => $given['portal'],
        'customerName' => $given['customer'],
        'referenceId' => $given['reference'],
    ]);
    call($phonemode, 'getCodes', $whose);
    call($phonemode, 'cancelCode', [...$here, 'code' => $made->code]);
    call($phonemode, 'getCodes', $whose);
}

function download(object $file): void
{
    global $web;
    $bytes = file_get_contents($file->url, false, $web);
    $came = ['size' => strlen($bytes), 'sha256' => hash('sha256', $bytes), 'told' => $file->sha256];
    say('download', ['gives' => $came]);
}

/** Calls an operation; prints what it gives, or the detail of its fault. */
function call(SoapClient $service, string $operation, array $wanted): mixed
{
    try {
        $answer = get_object_vars($service->__soapCall($operation, [$wanted]));
    } catch (SoapFault $fault) {
        $detail = get_object_vars($fault->detail);
        say($operation, ['fault' => key($detail), 'fields' => plain(current($detail))]);
        return null;
    }
    $gives = current($answer);
    say($operation, ['gives' => $answer === [] ? null : plain($gives)]);
    return $gives;
}

/** Gives a value of SoapClient's as JSON has it; a wrapped list as the list in it. */
function plain(mixed $value): mixed
{
    if (is_array($value)) {
        return array_map('plain', $value);
    }
    if (!is_object($value)) {
        return $value;
    }
    $fields = get_object_vars($value);
    if (count($fields) === 1 && is_array(current($fields))) {
        return plain(current($fields));
    }
    foreach (array_intersect(BINARY, array_keys($fields)) as $name) {
        $fields[$name] = base64_encode($fields[$name]);
    }
    return array_map('plain', $fields) ?: new stdClass();
}

function say(string $operation, array $told): void
{
    echo json_encode(['call' => $operation, ...$told], JSON_THROW_ON_ERROR), "\n";
}

main($given);
